//! Pictures of codes: from a file or from the camera.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CanvasRenderingContext2d, HtmlCanvasElement, HtmlInputElement, HtmlVideoElement, ImageBitmap,
    MediaStream, MediaStreamConstraints, MediaStreamTrack,
};

use super::document;
use super::reader::Reader;
use crate::state::scan::fit;

/// Why nothing could be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// The browser cannot do it, or was not allowed to.
    Browser,
    /// Our own reader could not be loaded, or broke.
    Reader,
}

/// What the code in a chosen picture says, if there is one.
pub async fn read_file(field: &HtmlInputElement) -> Result<Option<String>, Refused> {
    let file = field
        .files()
        .and_then(|files| files.get(0))
        .ok_or(Refused::Browser)?;
    let window = web_sys::window().ok_or(Refused::Browser)?;
    let bitmap = window
        .create_image_bitmap_with_blob(&file)
        .map_err(|_| Refused::Browser)?;
    let bitmap = JsFuture::from(bitmap).await.map_err(|_| Refused::Browser)?;
    let bitmap: ImageBitmap = bitmap.dyn_into().map_err(|_| Refused::Browser)?;
    if let Some(text) = detect(&bitmap).await {
        return Ok(Some(text));
    }
    let (width, height) = fit(bitmap.width(), bitmap.height());
    let context = canvas(width, height).ok_or(Refused::Browser)?;
    context
        .draw_image_with_image_bitmap_and_dw_and_dh(
            &bitmap,
            0.0,
            0.0,
            f64::from(width),
            f64::from(height),
        )
        .map_err(|_| Refused::Browser)?;
    look(&mut None, &context, width, height).await
}

/// A camera that is on until this is dropped.
pub struct Camera {
    stream: MediaStream,
    video: HtmlVideoElement,
    reader: Option<Reader>,
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
            .ok_or(Refused::Browser)?
            .get_user_media_with_constraints(&wanted)
            .map_err(|_| Refused::Browser)?;
        let stream = JsFuture::from(stream).await.map_err(|_| Refused::Browser)?;
        let stream: MediaStream = stream.dyn_into().map_err(|_| Refused::Browser)?;
        video.set_src_object(Some(&stream));
        let reader = None;
        let camera = Self {
            stream,
            video,
            reader,
        };
        let plays = camera.video.play().map_err(|_| Refused::Browser)?;
        JsFuture::from(plays).await.map_err(|_| Refused::Browser)?;
        Ok(camera)
    }

    /// What a code says that the camera sees now, if there is one.
    ///
    /// # Errors
    /// When neither the browser nor our own reader can look.
    pub async fn read(&mut self) -> Result<Option<String>, Refused> {
        if let Some(text) = detect(&self.video).await {
            return Ok(Some(text));
        }
        let (width, height) = fit(self.video.video_width(), self.video.video_height());
        // Before the first picture is there it has no size.
        let Some(context) = canvas(width, height).filter(|_| width > 0 && height > 0) else {
            return Ok(None);
        };
        context
            .draw_image_with_html_video_element_and_dw_and_dh(
                &self.video,
                0.0,
                0.0,
                f64::from(width),
                f64::from(height),
            )
            .map_err(|_| Refused::Browser)?;
        look(&mut self.reader, &context, width, height).await
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

/// Asks our own reader, and loads it before if need be.
async fn look(
    reader: &mut Option<Reader>,
    context: &CanvasRenderingContext2d,
    width: u32,
    height: u32,
) -> Result<Option<String>, Refused> {
    let image = context
        .get_image_data(0.0, 0.0, f64::from(width), f64::from(height))
        .map_err(|_| Refused::Browser)?;
    let reader = match reader {
        Some(reader) => reader,
        None => reader.insert(Reader::start().await?),
    };
    reader.read(&image).await
}
