// Keeps the program: it opens and reads without a network, and it stays the program it was until the person
// agrees to another one that the node serves. Mail, keys and everything below /v1 never come near it.
"use strict";

/** The program that is used. */
const KEPT = "zechat-shell";
/** Another one that the node serves by now, for when the person says so. */
const NEXT = "zechat-next";

const isPage = (url) => url.pathname === "/" || url.pathname === "/i" || url.pathname === "/i/";
const isOurs = (url) => url.origin === self.location.origin && !url.pathname.startsWith("/v1") && !url.pathname.startsWith("/.well-known");
/** Files whose names hold their hash never change. */
const isFixed = (url) => /-[0-9a-f]{12,}[._]/.test(url.pathname);
/** Texts in another language than English, which somebody here has chosen. */
const isLanguage = (pathname) => pathname.startsWith("/i18n/");

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(look().catch(() => {}));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !isOurs(url)) return;
  if (event.request.mode !== "navigate") event.respondWith(file(event.request));
  else if (isPage(url)) event.respondWith(page(event.request));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

/** What a page says, by word: whether there is another program, and that the person wants it. */
self.addEventListener("message", (event) => {
  if (event.data === "look") event.waitUntil(look().then((found) => found && event.source?.postMessage("found")).catch(() => {}));
  if (event.data === "switch") event.waitUntil(change());
});

async function page(request) {
  const kept = await caches.match("/", { cacheName: KEPT });
  return kept ?? fetch(request);
}

/** Whether it is the page of a program: a proxy may answer with a page of its own. */
async function isProgram(response) {
  if (!response.ok || response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return false;
  const text = await response.text();
  return text.includes('id="app"') && text.includes('integrity="sha384-');
}

/** Asks the node for its program. Keeps the first one; says whether it is another one than that. */
async function look() {
  const response = await fetch("/", { cache: "no-cache" });
  if (!(await isProgram(response.clone()))) return false;
  const kept = await caches.match("/", { cacheName: KEPT });
  if (!kept) {
    await keep(KEPT, response);
    return false;
  }
  const [used, served] = await Promise.all([kept.text(), response.clone().text()]);
  if (used === served) {
    await caches.delete(NEXT);
    return false;
  }
  await keep(NEXT, response);
  return true;
}

/** Keeps a page and the files that it names, and forgets those that it no longer names. */
async function keep(name, response) {
  const cache = await caches.open(name);
  const text = await response.clone().text();
  const names = [...text.matchAll(/(?:href|src)="(\/[^"#?]+)"/g)].map((match) => match[1]);
  const files = new Set(["/worker.js", ...names]);
  for (const file of files) {
    const there = isFixed(new URL(file, self.location.origin)) && (await caches.match(file));
    if (there) await cache.put(file, there);
    else await cache.add(new Request(file, { cache: "no-cache" }));
  }
  // Only now: a page is kept together with all that it needs.
  await cache.put("/", response);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/" && !files.has(pathname) && !isLanguage(pathname)) await cache.delete(request);
  }
}

/** Uses the other program from now on, in all tabs at once: two programs do not understand each other. */
async function change() {
  const next = await caches.match("/", { cacheName: NEXT });
  if (next) {
    const [from, to] = await Promise.all([caches.open(NEXT), caches.open(KEPT)]);
    for (const request of await from.keys()) {
      const response = await from.match(request);
      if (new URL(request.url).pathname !== "/") await to.put(request, response);
    }
    await to.put("/", next);
    await caches.delete(NEXT);
  }
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage("changed");
}

/** A file of the program: the kept one belongs to the kept page. */
async function file(request) {
  const kept = await caches.match(request, { cacheName: KEPT });
  if (!isLanguage(new URL(request.url).pathname)) return kept ?? fetch(request);
  try {
    const response = await fetch(request);
    if (response.ok) {
      const copy = response.clone();
      await caches.open(KEPT).then((cache) => cache.put(request, copy)).catch(() => {});
    }
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

async function show(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const open = windows.find((client) => client.focused) ?? windows[0];
  if (!open) return self.clients.openWindow(address);
  await open.focus();
  open.postMessage(address);
}
