// Keeps the program for when no node can be reached: the page opens and reads without a network. What is
// served now always wins over what was kept; mail, keys and everything below /v1 never come near it.
"use strict";

const KEPT = "zechat-shell";
/** How long a node may think about the page before the kept one is shown. */
const PATIENCE_MS = 4000;

const isPage = (request) => request.mode === "navigate";
const isOurs = (url) => url.origin === self.location.origin && !url.pathname.startsWith("/v1") && !url.pathname.startsWith("/.well-known");
/** Files whose names hold their hash never change. */
const isFixed = (url) => /-[0-9a-f]{12,}[._]/.test(url.pathname);
/** Texts in another language than English, which somebody here has chosen. */
const isLanguage = (pathname) => pathname.startsWith("/i18n/");

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(fetch("/", { cache: "no-cache" }).then((response) => keepShell(response)).catch(() => {}));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || !isOurs(url)) return;
  if (isPage(event.request)) event.respondWith(page(event));
  else if (isFixed(url)) event.respondWith(fixed(event.request));
  else event.respondWith(fresh(event.request));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(show(event.notification.data));
});

async function page(event) {
  const kept = await caches.match("/", { cacheName: KEPT });
  try {
    const response = await patiently(fetch(event.request), kept ? PATIENCE_MS : 0);
    if (response.ok) event.waitUntil(keepShell(response.clone()));
    return response;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** Keeps a page and the files that it names, and forgets those that it no longer names. */
async function keepShell(response) {
  if (!response.ok) return;
  const cache = await caches.open(KEPT);
  const text = await response.clone().text();
  const names = [...text.matchAll(/(?:href|src)="(\/[^"#?]+)"/g)].map((match) => match[1]);
  const files = new Set(["/worker.js", ...names]);
  const missing = [];
  for (const name of files) {
    const there = isFixed(new URL(name, self.location.origin)) && (await cache.match(name));
    if (!there) missing.push(name);
  }
  await Promise.all(missing.map((name) => cache.add(name)));
  // Only now: a page is kept together with all that it needs.
  await cache.put("/", response);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (pathname !== "/" && !files.has(pathname) && !isLanguage(pathname)) await cache.delete(request);
  }
}

async function fixed(request) {
  return (await caches.match(request, { cacheName: KEPT })) ?? fetch(request);
}

async function fresh(request) {
  try {
    const response = await fetch(request);
    if (response.ok && isLanguage(new URL(request.url).pathname)) {
      const copy = response.clone();
      await caches.open(KEPT).then((cache) => cache.put(request, copy)).catch(() => {});
    }
    return response;
  } catch (error) {
    const kept = await caches.match(request, { cacheName: KEPT });
    if (kept) return kept;
    throw error;
  }
}

function patiently(promise, limit) {
  if (!limit) return promise;
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error("the node takes too long")), limit);
    promise.then(resolve, reject);
  });
}

async function show(address) {
  const windows = await self.clients.matchAll({ type: "window" });
  const open = windows.find((client) => client.focused) ?? windows[0];
  if (!open) return self.clients.openWindow(address);
  await open.focus();
  open.postMessage(address);
}
