// Keeps the program: it opens and reads without a network, and it stays the program it was until the person
// agrees to another one that the node serves. Mail, keys and everything below /v1 never come near it.
"use strict";

/** Holds programs, each under its own name, and which of them is used: to change is to write that one name, so there
 *  is no moment in which a page could meet files of another program. */
const CACHE = "zechat-shell";
/** The name of the program that is used. */
const USED = "/~used";
/** The name of another one that the node serves by now, for when the person says so. */
const NEXT = "/~next";

const isPage = (url) => url.pathname === "/" || url.pathname === "/i" || url.pathname === "/i/";
const isOurs = (url) => url.origin === self.location.origin && !url.pathname.startsWith("/v1") && !url.pathname.startsWith("/.well-known");
/** Files whose names hold their hash never change. */
const isFixed = (file) => /-[0-9a-f]{12,}[._]/.test(file);
/** Where a file of a program is kept. */
const place = (program, file) => `/~${program}${file}`;
/** Where the texts of a language are. */
const texts = (tag) => `/i18n/${tag}.ftl`;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(alone(look).catch(() => {}));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !isOurs(url)) return;
  if (event.request.mode !== "navigate") event.respondWith(file(event.request, url.pathname));
  else if (isPage(url)) event.respondWith(page(event.request));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

/** What a page says, by word: whether there is another program, and that the person wants it. */
self.addEventListener("message", (event) => {
  if (event.data === "look") event.waitUntil(alone(look).then((found) => found && event.source?.postMessage("found")).catch(() => {}));
  if (event.data === "switch") event.waitUntil(alone(change));
});

/** Tabs ask at the same time, and one service worker may take over from another: one change after the other. */
function alone(work) {
  return navigator.locks.request(CACHE, work);
}

async function named(pointer) {
  return (await (await caches.open(CACHE)).match(pointer))?.text();
}

async function point(pointer, program) {
  return (await caches.open(CACHE)).put(pointer, new Response(program));
}

/** A file of a program. The page is kept last, so where it is, all is there. */
async function kept(program, file) {
  return program && (await caches.open(CACHE)).match(place(program, file));
}

async function page(request) {
  return (await kept(await named(USED), "/")) ?? fetch(request);
}

/** A file of the program: the kept one belongs to the kept page. What was not needed so far comes from the node, under
 *  the hash that the page or a script has for it, and is kept as well. */
async function file(request, pathname) {
  const used = await named(USED);
  const there = await kept(used, pathname);
  if (there) return there;
  const integrity = request.integrity || (await promised(used, pathname));
  const response = await fetch(integrity === request.integrity ? request : new Request(request, { integrity }));
  if (used && response.ok && integrity) {
    const copy = response.clone();
    await caches.open(CACHE).then((cache) => cache.put(place(used, pathname), copy)).catch(() => {});
  }
  return response;
}

/** The hash that the used page has for a script of a worker, which a browser loads without one. */
async function promised(used, pathname) {
  const name = /^\/([a-z-]+)\.js$/.exec(pathname)?.[1];
  const page = name && (await kept(used, "/"));
  return (page && hash(await page.text(), `script-${name}`)) || "";
}

/** A hash that a page has for what is loaded by name. */
function hash(page, name) {
  return new RegExp(` data-${name}="(sha256-[^"]+)"`).exec(page)?.[1];
}

/** Whether it is the page of a program: a proxy may answer with a page of its own. */
function isProgram(response, text) {
  if (!response.ok || response.redirected || !response.headers.get("content-type")?.startsWith("text/html")) return false;
  return text.includes('id="app"') && text.includes('integrity="sha256-') && !!hash(text, "script-worker");
}

/** Asks the node for its program. Keeps the first one; says whether it is another one than that. */
async function look() {
  const response = await fetch("/", { cache: "no-cache" });
  const text = await response.clone().text();
  if (!isProgram(response, text)) return false;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const program = [...hash.slice(0, 16)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const used = await named(USED);
  const isOther = used !== program && Boolean(await kept(used, "/"));
  await keep(program, response, text, used).catch(async (why) => {
    await forget();
    throw why;
  });
  if (isOther) await point(NEXT, program);
  else await use(program);
  await forget();
  return isOther;
}

/** Keeps a page and the files that it names, unless that is done. */
async function keep(program, response, text, used) {
  if (await kept(program, "/")) return;
  const cache = await caches.open(CACHE);
  const put = async (file, integrity = "") => {
    const there = isFixed(file) && (await kept(used, file));
    const fresh = there || (await fetch(new Request(file, { cache: "no-cache", integrity })));
    if (!fresh.ok) throw new Error(`${file} is missing`);
    await cache.put(place(program, file), fresh);
  };
  for (const [tag] of text.matchAll(/<(?:link|script)\b[^>]*>/g)) {
    const file = /(?:href|src)="(\/[^"#?]+)"/.exec(tag)?.[1];
    if (file) await put(file, /integrity="([^"]+)"/.exec(tag)?.[1]);
  }
  await put("/worker.js", hash(text, "script-worker"));
  for (const [, tag, integrity] of text.matchAll(/data-texts-([a-z]+)="([^"]*)"/g)) {
    const isSpoken = navigator.languages.some((it) => it.split("-")[0] === tag) || (await kept(used, texts(tag)));
    // Without them the page asks the node, and then speaks English.
    if (isSpoken) await put(texts(tag), integrity).catch(() => {});
  }
  await cache.put(place(program, "/"), response);
}

async function use(program) {
  await point(USED, program);
  await (await caches.open(CACHE)).delete(NEXT);
}

/** Forgets what belongs to neither program. */
async function forget() {
  const cache = await caches.open(CACHE);
  const needed = [await named(USED), await named(NEXT)].filter(Boolean).map((program) => place(program, "/"));
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== USED && pathname !== NEXT && !needed.some((start) => pathname.startsWith(start))) await cache.delete(request);
  }
}

/** Uses the other program from now on, in all tabs at once: two programs do not understand each other. */
async function change() {
  const next = await named(NEXT);
  if (await kept(next, "/")) await use(next);
  for (const client of await self.clients.matchAll({ type: "window" })) client.postMessage("changed");
  await forget();
}

async function show(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const open = windows.find((client) => client.focused) ?? windows[0];
  if (!open) return self.clients.openWindow(address);
  // A browser may refuse to bring a window to the front: it goes there all the same.
  await open.focus().catch(() => {});
  open.postMessage(address);
}
