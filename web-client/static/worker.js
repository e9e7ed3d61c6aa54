// Starts the program in a worker. The build replaces the names: Trunk puts a hash into them.
import init from "__GLUE__";

init({ module_or_path: "__WASM__" });
