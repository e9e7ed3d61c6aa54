//! Whether everybody can use what is on the screen: axe-core over it, and what axe does not look at: the size of
//! targets, a focus that is seen, fields that take what is pasted, one place that reads news out.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::programs;

/// Names the screen that is shown, the same for the conversations of any two people.
const SCREEN: &str = "
    const dialog = document.querySelector('dialog[open]');
    const head = document.querySelector('main')?.className ?? document.querySelector('[class]')?.className;
    return [location.pathname, location.hash.replace(/[0-9]+/g, 'N').slice(0, 24), head,
        document.documentElement.lang, dialog?.querySelector('h2')?.innerText ?? ''].join(' ');";

/// Names what is wrong with the screen, as axe sees it.
const AXE: &str = "
    return axe.run(document, {
        resultTypes: ['violations'],
        // The colours that a page names are not those that are seen where the system has colours of its own.
        rules: { 'target-size': { enabled: true }, 'color-contrast': { enabled: !matchMedia('(forced-colors: active)').matches } },
    }).then((found) => found.violations.flatMap((rule) => rule.nodes.map((node) =>
        rule.id + ': ' + node.html.slice(0, 200) + ' — ' + node.failureSummary.replace(/\\s+/g, ' ').slice(0, 300))));";

/// Names what is wrong with it besides.
const OWN: &str = "
    const wrong = [];
    // An open menu goes away when the focus leaves it.
    const menu = document.querySelector('.menu:has([aria-expanded=true])');
    const root = document.querySelector('dialog:modal') ?? menu ?? document;
    const all = (selector) => [...root.querySelectorAll(selector)];
    const name = (it) => it.outerHTML.slice(0, 160);
    const isShown = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true })
        && !it.closest('.visually-hidden, [inert], [aria-hidden=true]');
    const target = (it) => ['radio', 'checkbox', 'file'].includes(it.type) ? it.closest('label') ?? it : it;
    const targets = 'a[href], button, input, select, textarea, summary';
    for (const it of all(targets).filter((it) => isShown(target(it)))) {
        const style = getComputedStyle(it);
        if (it.localName === 'a' && style.display === 'inline') continue;
        const box = target(it).getBoundingClientRect();
        if (box.width && (box.width < 23.9 || box.height < 23.9))
            wrong.push(`a target of ${box.width} x ${box.height} px: ${name(it)}`);
    }
    for (const it of all('input:not([type]), input[type=text], input[type=password], input[type=search], textarea')) {
        const paste = new ClipboardEvent('paste', { bubbles: true, cancelable: true });
        if (!it.dispatchEvent(paste)) wrong.push(`nothing can be pasted: ${name(it)}`);
        if (it.autocomplete === 'off' && it.type === 'password') wrong.push(`no password manager: ${name(it)}`);
    }
    const before = document.activeElement;
    for (const it of all(targets).filter((it) => isShown(it) && !it.disabled && it.tabIndex >= 0)) {
        if (it === before) {
            // It may have the focus by a click, which is not shown.
            if (menu) continue;
            it.blur();
        }
        it.focus({ focusVisible: true, preventScroll: true });
        if (document.activeElement !== it) continue;
        const marks = (it) => {
            const style = getComputedStyle(it);
            return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
        };
        const near = [it, it.parentElement, it.closest('label'), it.closest('form')];
        if (!near.some((it) => it && marks(it))) wrong.push(`a focus that is not seen: ${name(it)}`);
    }
    if (!menu || menu.contains(before)) before?.focus?.({ preventScroll: true });
    const logs = document.querySelectorAll('[role=log]').length;
    if (logs > 1) wrong.push(`${logs} regions read messages out`);
    return wrong;";

/// Names what is cut off, sticks out of what holds it, or has to be scrolled sideways.
const CUT: &str = "
    const wrong = [];
    for (const it of document.querySelectorAll('body *')) {
        const isShown = it.checkVisibility({ visibilityProperty: true, opacityProperty: true });
        if (!isShown || !it.clientWidth || it.closest('.visually-hidden, svg, input, select, pre')) continue;
        const style = getComputedStyle(it);
        const [wide, high] = [it.scrollWidth - it.clientWidth, it.scrollHeight - it.clientHeight];
        const isShort = style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none';
        const hides = (overflow) => !isShort && /hidden|clip/.test(overflow);
        const tell = (what) => wrong.push(`${what}: ${it.outerHTML.slice(0, 160)}`);
        if (wide > 1 && /auto|scroll/.test(style.overflowX)) tell(`${wide} px to be scrolled sideways`);
        if (wide > 1 && hides(style.overflowX)) tell(`${wide} px are cut off at the side`);
        if (high > 1 && hides(style.overflowY)) tell(`${high} px are cut off below`);
        if (wide > 1 && it.matches('button:not(.emoji), .button, label')) tell(`${wide} px stick out`);
    }
    return wrong;";

/// Names the icons that do not stand out from what is behind them where the system has colours of its own.
const PALE: &str = "
    if (!matchMedia('(forced-colors: active)').matches) return [];
    const channels = (colour) => colour.match(/[0-9.]+/g).map(Number);
    const light = (colour) => channels(colour).slice(0, 3).map((it) => it / 255)
        .map((it) => it <= 0.03928 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
        .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0);
    const behind = (it) => {
        const colour = it && getComputedStyle(it).backgroundColor;
        return !it || (channels(colour)[3] ?? 1) > 0.9 ? colour ?? 'rgb(255, 255, 255)' : behind(it.parentElement);
    };
    const pale = [];
    for (const it of document.querySelectorAll('.icon')) {
        if (!it.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
        const [a, b] = [getComputedStyle(it).color, behind(it)];
        const [less, more] = [light(a), light(b)].sort((x, y) => x - y);
        if ((more + 0.05) / (less + 0.05) < 3) pale.push(`an icon of ${a} on ${b}: ${it.parentElement.outerHTML.slice(0, 160)}`);
    }
    return pale;";

/// Names what moves although the system wants no motion. What only fades or changes its colour does not move.
const MOTION: &str = "
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) return [];
    const moves = new Set();
    const read = (rules) => {
        for (const rule of rules) {
            if (rule.type === CSSRule.KEYFRAMES_RULE) {
                const changed = [...rule.cssRules].flatMap((it) => [...it.style]);
                if (!changed.every((it) => /^(opacity|outline-.*|.*color)$/.test(it))) moves.add(rule.name);
            } else if (rule.cssRules) read(rule.cssRules);
        }
    };
    for (const sheet of [...document.styleSheets, ...document.adoptedStyleSheets]) read(sheet.cssRules);
    const wrong = [];
    const isSeen = (list) => list.split(', ').some((it) => parseFloat(it) > 0.01);
    for (const it of document.querySelectorAll('body *')) {
        for (const part of [null, '::before', '::after', '::backdrop']) {
            const style = getComputedStyle(it, part);
            const tell = (what) => wrong.push(`${what} moves: ${it.outerHTML.slice(0, 160)}${part ?? ''}`);
            if (isSeen(style.transitionDuration)) tell(`a transition of ${style.transitionProperty}`);
            const named = style.animationName.split(', ').filter((name) => moves.has(name));
            if (named.length && isSeen(style.animationDuration)) tell(named.join());
            if (style.scrollBehavior === 'smooth') tell('scrolling');
        }
    }
    return wrong;";

/// Names the element with the focus, if something lies over it or it cannot be seen to have the focus.
const FOCUS: &str = "
    const it = document.activeElement;
    if (!it || it === document.body) return null;
    const box = it.getBoundingClientRect();
    if (!box.width || it.closest('.visually-hidden')) return null;
    const [x, y] = [box.x + box.width / 2, box.y + Math.min(box.height, 40) / 2];
    const top = document.elementFromPoint(x, y);
    const label = it.closest('label');
    const isFree = top && (it.contains(top) || top.contains(it) || label?.contains(top));
    return isFree ? null : it.outerHTML.slice(0, 160) + ' lies behind ' + (top?.outerHTML.slice(0, 160) ?? 'the edge');";

/// Writes down whatever a region that is read out comes to hold, from now on.
const LISTEN: &str = "
    window.heard = [];
    const regions = '[aria-live]:not([aria-live=off]), [role=log], [role=status], [role=alert]';
    new MutationObserver((changes) => {
        // What was filled after it was put there is one thing to say.
        const isWords = (change) => change.type === 'characterData';
        const added = new Set(changes.flatMap((change) => isWords(change) ? [change.target] : [...change.addedNodes]));
        for (const node of added) {
            if (node.parentElement && added.has(node.parentElement)) continue;
            const element = node.nodeType === 1 ? node : node.parentElement;
            const region = element?.closest(regions);
            if (region) window.heard.push((region.getAttribute('role') ?? 'live') + ': ' + node.textContent);
        }
    }).observe(document.body, { childList: true, characterData: true, subtree: true });";

/// Waits until what moves has come to its end, and what has changed is drawn; a page that nobody sees draws nothing.
const SETTLE: &str = "
    const drawn = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    const moving = document.getAnimations().filter((it) => it.effect?.getComputedTiming().endTime < 1000);
    const still = Promise.all([drawn, ...moving.map((it) => it.finished.catch(() => {}))]);
    const end = new Promise((done) => setTimeout(done, document.hidden ? 300 : 10000));
    return Promise.race([still, end]).then(() => true);";

/// The screens that were looked at by this program.
static LOOKED_AT: Mutex<Option<HashSet<String>>> = Mutex::new(None);

impl Browser {
    /// Looks at the screen in both themes, unless that was done before; what is wrong is told in the end.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn look_around(&self) -> Result<()> {
        if programs::axe()?.is_none() {
            return Ok(());
        }
        let screen = self.run(SCREEN, Vec::new()).await?.to_string();
        let is_new = {
            let mut known = LOOKED_AT.lock().unwrap_or_else(PoisonError::into_inner);
            known.get_or_insert_default().insert(screen.clone())
        };
        if !is_new {
            return Ok(());
        }
        for theme in ["light", "dark"] {
            self.take_theme(Some(theme)).await?;
            self.look(&format!("{screen} {theme}")).await?;
        }
        self.take_theme(None).await
    }

    /// Has the page believe that the system wants no motion and has this theme, or colours of its own (`forced`); `None`: as it is.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn take_theme(&self, theme: Option<&str>) -> Result<()> {
        let features = match theme {
            Some("forced") => json!([
                {"name": "prefers-color-scheme", "value": "dark"},
                {"name": "forced-colors", "value": "active"},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]),
            Some(theme) => json!([
                {"name": "prefers-color-scheme", "value": theme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ]),
            None => json!([]),
        };
        let tools = self.driver().cdp();
        tools
            .send_raw("Emulation.setEmulatedMedia", json!({"features": features}))
            .await?;
        self.settle().await
    }

    /// Waits until what moves has come to its end.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn settle(&self) -> Result<()> {
        self.run(SETTLE, Vec::new()).await.map(drop)
    }

    /// What keeps people from using the screen as it is.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn barriers(&self) -> Result<Vec<String>> {
        let Some(axe) = programs::axe()? else {
            return Ok(Vec::new());
        };
        if self.run("return !window.axe", Vec::new()).await? == true {
            let axe = std::fs::read_to_string(axe)?;
            self.run(&axe, Vec::new()).await?;
        }
        // A page in a tab that has not the focus of the window shows none.
        let tools = self.driver().cdp();
        tools
            .send_raw(
                "Emulation.setFocusEmulationEnabled",
                json!({"enabled": true}),
            )
            .await?;
        let mut wrong = list(self.run(AXE, Vec::new()).await?)?;
        for script in [OWN, PALE, MOTION] {
            wrong.extend(list(self.run(script, Vec::new()).await?)?);
        }
        Ok(wrong)
    }

    /// Fails if something is cut off or has to be scrolled sideways. Names and previews may end with dots.
    ///
    /// # Errors
    /// With what it is.
    pub async fn must_show_all(&self, screen: &str) -> Result<()> {
        let cut = list(self.run(CUT, Vec::new()).await?)?;
        ensure!(cut.is_empty(), "{screen} does not show all: {cut:#?}");
        Ok(())
    }

    /// Fails if something lies over what has the focus, and stays there.
    ///
    /// # Errors
    /// With both.
    pub async fn focus_must_be_free(&self) -> Result<()> {
        // What rises or scrolls into view comes to its place in a moment.
        self.until("the focus to be seen", async || {
            let hidden = self.run(FOCUS, Vec::new()).await?;
            ensure!(hidden.is_null(), "{hidden}");
            Ok(Some(()))
        })
        .await
    }

    /// Writes down what is read out from now on, until the page is loaded anew.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn listen(&self) -> Result<()> {
        self.run(LISTEN, Vec::new()).await.map(drop)
    }

    /// What was read out since then: the kind of the region, and the words.
    ///
    /// # Errors
    /// When nobody listened.
    pub async fn heard(&self) -> Result<Vec<String>> {
        list(self.run("return window.heard", Vec::new()).await?)
    }
}

fn list(value: Value) -> Result<Vec<String>> {
    serde_json::from_value(value).context("the page does not answer with a list")
}
