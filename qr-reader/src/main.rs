//! Reads pictures that a page sends: `ImageData` in, the words of the code or null out. A picture is a stranger's; what goes
//! wrong with one goes wrong here and not in the page.

fn main() {
    #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
    worker::start();
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod worker {
    use wasm_bindgen::prelude::*;
    use web_sys::{DedicatedWorkerGlobalScope, ImageData, MessageEvent};

    /// Answers pictures from now on, and says so.
    pub fn start() {
        let Ok(scope) = js_sys::global().dyn_into::<DedicatedWorkerGlobalScope>() else {
            return;
        };
        let answers = scope.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event
                .data()
                .dyn_into::<ImageData>()
                .ok()
                .and_then(|image| read(&image));
            // A page that is gone needs no answer.
            let _ = answers.post_message(&text.map_or(JsValue::NULL, JsValue::from));
        });
        scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // For as long as the worker lives.
        on_message.forget();
        let _ = scope.post_message(&JsValue::NULL);
    }

    fn read(image: &ImageData) -> Option<String> {
        let (width, height) = (
            usize::try_from(image.width()).ok()?,
            usize::try_from(image.height()).ok()?,
        );
        qr_reader::find_code(width, height, &image.data())
    }
}
