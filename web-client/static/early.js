// Runs before anything is drawn: applies the chosen theme, contrast and size of text, and says so when the program cannot come.
(() => {
  "use strict";
  try {
    const theme = localStorage.getItem("zechat-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (localStorage.getItem("zechat-contrast") === "more") document.documentElement.dataset.contrast = "more";
    const size = localStorage.getItem("zechat-text-size");
    if (["small", "large", "largest"].includes(size)) document.documentElement.dataset.textSize = size;
  } catch {
    // Storage is forbidden: the system's theme it is.
  }
  const fail = (id) => {
    const notice = document.getElementById("boot-failed");
    if (!notice) return; // the program is there
    document.getElementById(id).hidden = false;
    notice.hidden = false;
  };
  // If the node is there, what was kept of the program is not used again: it may be what does not work. Somebody else's
  // page for everything, as of a network that wants a login, is not the node.
  const again = () => {
    fetch("/livez").then((answer) => answer.status === 204 && !answer.redirected && caches.delete("zechat-shell")).catch(() => {}).then(() => location.reload());
  };
  addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("[data-reload]")) again();
  });
  addEventListener("DOMContentLoaded", () => {
    if (typeof WebAssembly !== "object") return fail("boot-old");
    addEventListener("error", () => fail("boot-slow"), true);
    addEventListener("unhandledrejection", () => fail("boot-slow"));
    setTimeout(() => fail("boot-slow"), 20000);
  });
})();
