//! The program that a browser keeps.

use anyhow::Result;

use crate::person::Person;

impl Person {
    /// The name of the program that is kept and used, once there is one, and the service worker answers for the page.
    ///
    /// # Errors
    /// When none is kept in time.
    pub async fn kept_program(&self) -> Result<String> {
        let browser = self.browser()?;
        browser
            .until("the program to be kept", async || {
                // It keeps the program before it takes the page over: without it a page loaded anew comes from the node.
                let script = "if (!navigator.serviceWorker.controller) return null;
                    const cache = await caches.open('zechat-shell');
                    return (await (await cache.match('/~used'))?.text()) ?? null";
                let script = format!("return (async () => {{ {script} }})()");
                let kept = browser.run(&script, vec![]).await?;
                Ok(kept.as_str().map(str::to_owned))
            })
            .await
    }

    /// Has the service worker look what the node serves, and waits until it has. It looks under a lock: what holds the lock
    /// until the worker waits for it, and then asks for it again, comes after the looking. The second time comes after what
    /// the first one told the page.
    ///
    /// # Errors
    /// When there is no service worker.
    pub async fn must_have_looked(&self) -> Result<()> {
        let look = "const name = 'zechat-shell';
            const waits = async () => (await navigator.locks.query()).pending.some((it) => it.name === name);
            const look = () => navigator.locks.request(name, async () => {
                navigator.serviceWorker.controller.postMessage('look');
                while (!(await waits())) await new Promise((done) => setTimeout(done, 10));
            });
            const looked = () => look().then(() => navigator.locks.request(name, () => true));
            return looked().then(looked)";
        self.browser()?.run(look, vec![]).await.map(drop)
    }
}
