//! A browser as on a phone: narrow, touched by a finger, without a mouse and without a key that sends.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;

/// The least side of what is touched all the time, in CSS pixels; everything else has 24, as everywhere.
const FINGER: f64 = 44.0;

/// Names what is touched all the time and is too small for it.
const SMALL: &str = "
    const often = '.button:not(.small), .icon-button, .send, .menu-items button, .choices button, .conversation, .requests-entry';
    const shown = [...document.querySelectorAll(often)].filter((it) => it.checkVisibility({ visibilityProperty: true }));
    return shown.map((it) => [it, it.getBoundingClientRect()])
        .filter(([, box]) => Math.min(box.width, box.height) < arguments[0] - 0.1)
        .map(([it, box]) => `${box.width} x ${box.height} px: ${it.outerHTML.slice(0, 160)}`);";

/// The middle of the first shown element with this test id, if a finger would touch it there and nothing over it.
const MIDDLE: &str = "
    const shown = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const it = [...document.querySelectorAll(`[data-testid='${arguments[0]}']`)].findLast(shown);
    if (!it || it.ariaDisabled === 'true') return null;
    it.scrollIntoView({ block: 'nearest' });
    const box = it.getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    return it.contains(document.elementFromPoint(x, y)) ? [x, y] : null;";

/// Whether the field is on the screen, and the newest message above it.
const CAN_ANSWER: &str = "
    const box = (it) => it.getBoundingClientRect();
    const newest = box([...document.querySelectorAll('[data-testid=entry]')].at(-1));
    const list = box(document.querySelector('.entries'));
    const field = box(document.querySelector('[data-testid=composer]'));
    return field.top >= list.bottom && field.bottom <= innerHeight
        && newest.bottom <= list.bottom && newest.top >= list.top;";

impl Browser {
    /// Makes the window that of a phone. A shorter one is what its keyboard leaves.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn become_phone(&self, width: u32, height: u32) -> Result<()> {
        let tools = self.driver().cdp();
        let metrics =
            json!({"width": width, "height": height, "deviceScaleFactor": 2, "mobile": true});
        let command = "Emulation.setDeviceMetricsOverride";
        tools.send_raw(command, metrics).await?;
        let touch = json!({"enabled": true, "maxTouchPoints": 5});
        let command = "Emulation.setTouchEmulationEnabled";
        tools.send_raw(command, touch).await?;
        let coarse = "matchMedia('(pointer: coarse) and (hover: none)').matches";
        self.until_true("a finger and no mouse", coarse).await?;
        self.settle().await
    }

    /// Touches the last shown element with this test id, once it is there and nothing lies over it.
    ///
    /// # Errors
    /// When it cannot be touched in time.
    pub async fn tap(&self, testid: &str) -> Result<()> {
        let what = format!("{testid} to be touched");
        let place = self
            .until(&what, async || {
                self.settle().await?;
                let place = self.run(MIDDLE, vec![json!(testid)]).await?;
                Ok((place != Value::Null).then_some(place))
            })
            .await?;
        let (x, y): (f64, f64) = serde_json::from_value(place).context("no place")?;
        let tools = self.driver().cdp();
        for (kind, points) in [
            ("touchStart", json!([{"x": x, "y": y}])),
            ("touchEnd", json!([])),
        ] {
            let touch = json!({"type": kind, "touchPoints": points});
            tools.send_raw("Input.dispatchTouchEvent", touch).await?;
        }
        self.settle().await
    }

    /// Fails if what is touched all the time is too small for a finger.
    ///
    /// # Errors
    /// With what it is.
    pub async fn must_suit_fingers(&self, screen: &str) -> Result<()> {
        let small = self.run(SMALL, vec![json!(FINGER)]).await?;
        let small: Vec<String> = serde_json::from_value(small)?;
        ensure!(small.is_empty(), "{screen} is too small: {small:#?}");
        Ok(())
    }

    /// Waits until the newest message is in view, and the field to answer it.
    ///
    /// # Errors
    /// When they are not in time.
    pub async fn can_answer(&self) -> Result<()> {
        self.until("the newest message and the field", async || {
            let can = self.run(CAN_ANSWER, Vec::new()).await?;
            Ok((can == true).then_some(()))
        })
        .await
    }
}
