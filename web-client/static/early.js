// Runs before anything is drawn: applies the chosen theme, contrast and size of text, and says so when the program cannot come.
(() => {
  "use strict";
  // What the page itself says. The other texts come with the program.
  const texts = {
    de: {
      failed: "ZeChat konnte nicht starten",
      slow: "Das Programm ist noch nicht angekommen. Prüfe deine Verbindung und lade dann die Seite neu.",
      old: "Dieser Browser ist zu alt oder in einem Modus, der verbietet, was ZeChat braucht (WebAssembly). Versuche es mit einem aktuellen Firefox, Chrome, Edge oder Safari.",
      again: "Neu laden",
      broken: "Etwas ist kaputtgegangen",
      kept: "Ein Fehler in dieser Seite hat sie angehalten. Deine Nachrichten und Schlüssel liegen in diesem Browser und sind unversehrt.",
    },
    es: {
      failed: "ZeChat no ha podido arrancar",
      slow: "El programa aún no ha llegado. Comprueba tu conexión y carga de nuevo la página.",
      old: "Este navegador es demasiado antiguo, o está en un modo que prohíbe lo que ZeChat necesita (WebAssembly). Prueba con un Firefox, Chrome, Edge o Safari actual.",
      again: "Cargar de nuevo",
      broken: "Algo se ha roto",
      kept: "Un fallo de esta página la ha detenido. Tus mensajes y claves están en este navegador y no han sufrido daño.",
    },
    ar: {
      failed: "تعذّر بدء ZeChat",
      slow: "لم يصل البرنامج بعد. تحقق من اتصالك ثم أعد تحميل الصفحة.",
      old: "هذا المتصفح قديم جدًا، أو في وضع يمنع ما يحتاج إليه ZeChat ‏(WebAssembly). جرّب إصدارًا حديثًا من Firefox أو Chrome أو Edge أو Safari.",
      again: "أعد التحميل",
      broken: "حدث عطل",
      kept: "أوقف خللٌ هذه الصفحة. رسائلك ومفاتيحك محفوظة في هذا المتصفح ولم يمسّها ضرر.",
    },
  };
  let wanted = [navigator.language];
  try {
    wanted = [localStorage.getItem("zechat-language"), navigator.language];
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
  const translate = () => {
    const known = ["en", ...Object.keys(texts)];
    const tag = wanted.map((it) => (it ?? "").split("-")[0].toLowerCase()).find((it) => known.includes(it));
    if (!texts[tag]) return;
    for (const notice of [document.getElementById("boot-failed"), document.getElementById("broken")]) {
      notice.lang = tag;
      notice.dir = tag === "ar" ? "rtl" : "ltr";
      for (const place of notice.querySelectorAll("[data-text]")) place.textContent = texts[tag][place.dataset.text];
    }
  };
  addEventListener("DOMContentLoaded", () => {
    translate();
    if (typeof WebAssembly !== "object") return fail("boot-old");
    addEventListener("error", () => fail("boot-slow"), true);
    addEventListener("unhandledrejection", () => fail("boot-slow"));
    setTimeout(() => fail("boot-slow"), 20000);
  });
})();
