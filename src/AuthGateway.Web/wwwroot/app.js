// Comfort only: every page works without it. No markup is ever made here, texts are.
const all = (selector) => document.querySelectorAll(selector);

for (const element of all("[data-script], [data-show]")) {
  element.hidden = false;
}

for (const button of all("[data-show]")) {
  const field = document.getElementById(button.dataset.show);
  const off = [button.textContent, button.getAttribute("aria-label")];
  const on = [button.dataset.on, button.dataset.onLabel];
  const set = (shown) => {
    field.type = shown ? "text" : "password";
    const [text, label] = shown ? on : off;
    button.textContent = text;
    button.setAttribute("aria-label", label);
  };
  button.addEventListener("click", () => {
    set(field.type === "password");
    field.focus();
  });
  // Browsers offer to remember passwords only, and nobody behind the chair needs to read it while it is sent.
  field.form.addEventListener("submit", () => set(false));
}

for (const button of all("[data-copy]")) {
  const before = button.textContent;
  button.setAttribute("aria-live", "polite");
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    const text = source.dataset.value ?? [...source.querySelectorAll("code")].map((code) => code.textContent).join("\n");
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = button.dataset.done;
      setTimeout(() => { button.textContent = before; }, 3000);
    } catch {
      getSelection().selectAllChildren(source);
    }
  });
}

for (const button of all("[data-print]")) {
  button.addEventListener("click", () => print());
}

// What stands behind # never reaches a server, and web mails keep their place there: whatever leads on from here takes it along.
if (location.hash) {
  for (const form of all("form")) {
    form.action += location.hash;
  }
  for (const link of all("a[href^='/']")) {
    link.hash = location.hash;
  }
}

// A form is sent once: a second click, or the last digit after Enter, would use up a code or a try.
for (const form of all("form")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
    }
    form.dataset.sent = "1";
  });
}

addEventListener("pageshow", () => {
  for (const form of all("form[data-sent]")) {
    delete form.dataset.sent;
  }
});

for (const field of all("[data-digits]")) {
  const length = Number(field.dataset.digits);
  let done = false;
  field.addEventListener("input", () => {
    if (!done && length > 0 && field.value.replace(/[\s-]/g, "").length === length && /^[\d\s-]+$/.test(field.value)) {
      done = true;
      field.form.requestSubmit();
    }
  });
}
