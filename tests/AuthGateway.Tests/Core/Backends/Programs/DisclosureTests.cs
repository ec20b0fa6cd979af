using AuthGateway.Core.Backends.Programs;

namespace AuthGateway.Tests.Core.Backends.Programs;

public sealed class DisclosureTests
{
    [Fact]
    public void Close_AfterItWasShown_SaysSo()
    {
        var disclosure = new Disclosure();
        disclosure.TryShow().ShouldBeTrue();

        disclosure.Close().ShouldBeTrue();
        disclosure.IsShown.ShouldBeTrue();
    }

    [Fact]
    public void TryShow_WhenNobodyWaitsAnyMore_IsRefused()
    {
        var disclosure = new Disclosure();
        disclosure.Close().ShouldBeFalse();

        disclosure.TryShow().ShouldBeFalse();
        disclosure.IsShown.ShouldBeFalse();
    }

    [Fact]
    public void TakeBack_WhatWasNotTaken_IsNotShown()
    {
        var disclosure = new Disclosure();
        disclosure.TryShow();
        disclosure.TakeBack();

        disclosure.IsShown.ShouldBeFalse();
        disclosure.Close().ShouldBeFalse();
    }
}
