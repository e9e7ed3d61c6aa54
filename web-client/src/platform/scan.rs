//! Pictures of codes: from a file or from the camera.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement, HtmlVideoElement, ImageBitmap,
    MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use super::document;
use crate::state::scan::{find_code, fit};

/// The browser cannot do it, or was not allowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

/// What the code in a chosen picture says, if there is one.
pub async fn read_file(field: HtmlInputElement) -> Result<Option<String>, Refused> {
    let file = field
        .files()
        .and_then(|files| files.get(0))
        .ok_or(Refused)?;
    let window = web_sys::window().ok_or(Refused)?;
    let bitmap = window
        .create_image_bitmap_with_blob(&file)
        .map_err(|_| Refused)?;
    let bitmap = JsFuture::from(bitmap).await.map_err(|_| Refused)?;
    let bitmap: ImageBitmap = bitmap.dyn_into().map_err(|_| Refused)?;
    if let Some(text) = detect(&bitmap).await {
        return Ok(Some(text));
    }
    let (width, height) = fit(bitmap.width(), bitmap.height());
    let context = canvas(width, height).ok_or(Refused)?;
    context
        .draw_image_with_image_bitmap_and_dw_and_dh(
            &bitmap,
            0.0,
            0.0,
            f64::from(width),
            f64::from(height),
        )
        .map_err(|_| Refused)?;
    Ok(look(&context, width, height))
}

/// A camera that is on until this is dropped.
pub struct Camera {
    stream: MediaStream,
    video: HtmlVideoElement,
}

impl Camera {
    /// Asks for a camera and shows what it sees.
    pub async fn start(video: HtmlVideoElement) -> Result<Self, Refused> {
        let devices = web_sys::window().and_then(|window| window.navigator().media_devices().ok());
        let wanted = MediaStreamConstraints::new();
        let facing = js_sys::Object::new();
        let _ = Reflect::set(&facing, &"facingMode".into(), &"environment".into());
        wanted.set_video(&facing);
        let stream = devices
            .ok_or(Refused)?
            .get_user_media_with_constraints(&wanted)
            .map_err(|_| Refused)?;
        let stream = JsFuture::from(stream).await.map_err(|_| Refused)?;
        let stream: MediaStream = stream.dyn_into().map_err(|_| Refused)?;
        video.set_src_object(Some(&stream));
        let camera = Self { stream, video };
        let plays = camera.video.play().map_err(|_| Refused)?;
        JsFuture::from(plays).await.map_err(|_| Refused)?;
        Ok(camera)
    }

    /// What a code says that the camera sees now.
    pub async fn read(&self) -> Option<String> {
        if let Some(text) = detect(&self.video).await {
            return Some(text);
        }
        let (width, height) = fit(self.video.video_width(), self.video.video_height());
        let context = canvas(width, height)?;
        context
            .draw_image_with_html_video_element_and_dw_and_dh(
                &self.video,
                0.0,
                0.0,
                f64::from(width),
                f64::from(height),
            )
            .ok()?;
        look(&context, width, height)
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        for track in self.stream.get_tracks() {
            if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
                track.stop();
            }
        }
        self.video.set_src_object(None);
    }
}

/// Asks the browser's own reader, where it has one.
async fn detect(source: &JsValue) -> Option<String> {
    let detector = Reflect::get(&js_sys::global(), &"BarcodeDetector".into()).ok()?;
    let detector: Function = detector.dyn_into().ok()?;
    let options = js_sys::Object::new();
    let formats = Array::of1(&"qr_code".into());
    Reflect::set(&options, &"formats".into(), &formats).ok()?;
    let detector = Reflect::construct(&detector, &Array::of1(&options)).ok()?;
    let detects: Function = Reflect::get(&detector, &"detect".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let found: Promise = detects.call1(&detector, source).ok()?.dyn_into().ok()?;
    let found: Array = JsFuture::from(found).await.ok()?.dyn_into().ok()?;
    Reflect::get(&found.get(0), &"rawValue".into())
        .ok()?
        .as_string()
}

fn canvas(width: u32, height: u32) -> Option<CanvasRenderingContext2d> {
    let canvas = document::document()?.create_element("canvas").ok()?;
    let canvas: HtmlCanvasElement = canvas.dyn_into().ok()?;
    canvas.set_width(width);
    canvas.set_height(height);
    canvas.get_context("2d").ok()??.dyn_into().ok()
}

fn look(context: &CanvasRenderingContext2d, width: u32, height: u32) -> Option<String> {
    let data = context
        .get_image_data(0.0, 0.0, f64::from(width), f64::from(height))
        .ok()?;
    let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
    find_code(width, height, &data.data())
}
