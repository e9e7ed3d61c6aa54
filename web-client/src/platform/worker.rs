//! Starting a dedicated worker, and knowing where this program runs.

use js_sys::{Array, Function, Object, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, Event, MessageEvent, Worker, WorkerOptions, WorkerType};

/// Name of the one policy that may make addresses of scripts; the page's security policy names it.
const POLICY: &str = "zechat";

/// A running worker; it ends with this.
pub struct Handle {
    worker: Worker,
    _on_error: Closure<dyn FnMut(Event)>,
    on_message: Option<Closure<dyn FnMut(MessageEvent)>>,
}

impl Handle {
    /// Hands something over.
    pub fn post(&self, message: &JsValue) -> Result<(), JsValue> {
        self.worker.post_message(message)
    }

    /// Hears what it posts, from now on.
    pub fn hear(&mut self, heard: impl Fn(JsValue) + 'static) {
        let on_message = Closure::new(move |event: MessageEvent| heard(event.data()));
        self.worker
            .set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        self.on_message = Some(on_message);
    }
}

impl Drop for Handle {
    /// Ends it at once, whatever it is doing.
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// Starts the module script at `address` as a worker of this name. `failed` hears when it cannot be loaded or breaks.
pub fn spawn(
    address: &str,
    name: &str,
    failed: impl Fn(String) + 'static,
) -> Result<Handle, JsValue> {
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    options.set_name(name);
    let constructor: Function = get(&js_sys::global(), "Worker")?.dyn_into()?;
    let worker: Worker =
        Reflect::construct(&constructor, &Array::of2(&trusted(address)?, &options))?.dyn_into()?;
    let on_error = Closure::new(move |event: Event| {
        let message = js_sys::Reflect::get(&event, &JsValue::from_str("message")).ok();
        failed(
            message
                .and_then(|value| value.as_string())
                .unwrap_or_default(),
        );
    });
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    Ok(Handle {
        worker,
        _on_error: on_error,
        on_message: None,
    })
}

/// An address that may become a script where the page requires Trusted Types, or else the plain
/// address. Only this folder calls it, with addresses that are known at compile time.
pub(super) fn trusted(address: &str) -> Result<JsValue, JsValue> {
    let address = JsValue::from_str(address);
    let types = get(&js_sys::global(), "trustedTypes")?;
    if types.is_undefined() {
        return Ok(address);
    }
    let policy = policy(&types)?;
    let create: Function = get(&policy, "createScriptURL")?.dyn_into()?;
    create.call1(&policy, &address)
}

/// The policy; a page may make it once.
fn policy(types: &JsValue) -> Result<JsValue, JsValue> {
    if let Some(policy) = MADE.with_borrow(Option::clone) {
        return Ok(policy);
    }
    let policy = make_policy(types)?;
    MADE.set(Some(policy.clone()));
    Ok(policy)
}

thread_local! {
    static MADE: std::cell::RefCell<Option<JsValue>> = const { std::cell::RefCell::new(None) };
}

fn make_policy(types: &JsValue) -> Result<JsValue, JsValue> {
    let rules = Object::new();
    let same = Closure::<dyn Fn(JsValue) -> JsValue>::new(|address| address);
    Reflect::set(&rules, &JsValue::from_str("createScriptURL"), same.as_ref())?;
    let create: Function = get(types, "createPolicy")?.dyn_into()?;
    let policy = create.call2(types, &JsValue::from_str(POLICY), &rules)?;
    // The rule is used for as long as the page is there.
    same.forget();
    Ok(policy)
}

fn get(object: &JsValue, name: &str) -> Result<JsValue, JsValue> {
    Reflect::get(object, &JsValue::from_str(name))
}

/// The name that the worker was started with, in the worker.
pub fn name() -> String {
    let scope = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>();
    scope.map(|scope| scope.name()).unwrap_or_default()
}

/// Whether this program runs in a dedicated worker, and not in a page.
pub fn is_worker() -> bool {
    js_sys::global().is_instance_of::<DedicatedWorkerGlobalScope>()
}
