//! Starting a dedicated worker, and knowing where this program runs.

use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, Event, Worker, WorkerOptions, WorkerType};

/// A running worker.
pub struct Handle {
    _worker: Worker,
    _on_error: Closure<dyn FnMut(Event)>,
}

/// Starts the module script at `address`. `failed` hears when it cannot be loaded or breaks.
pub fn spawn(address: &str, failed: impl Fn(String) + 'static) -> Result<Handle, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(address, &options)?;
    let on_error = Closure::new(move |event: Event| {
        let message = js_sys::Reflect::get(&event, &JsValue::from_str("message")).ok();
        failed(message.and_then(|value| value.as_string()).unwrap_or_default());
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Handle { _worker: worker, _on_error: on_error })
}

/// Whether this program runs in a dedicated worker, and not in a page.
pub fn is_worker() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}
