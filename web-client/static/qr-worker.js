// Starts the reader of QR codes in a worker of its own, when somebody scans in a browser that cannot do it itself.
import init from "/qr-reader.js";

init({ module_or_path: fetch("/qr-reader_bg.wasm", { integrity: "__READER_INTEGRITY__" }) });
