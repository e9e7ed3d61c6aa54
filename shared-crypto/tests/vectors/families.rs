//! The families, by the function of `checks` that reads one and by the name of its file: for the tests here
//! and for those in a browser (`web-client/tests/web.rs`).

/// Calls a macro with all of them.
macro_rules! for_each_family {
    ($callback:ident) => {
        $callback! {
            encoding => "encoding",
            hashing => "hashing",
            link => "link",
            postage => "postage",
            recovery => "recovery",
            safety_number => "safety-number",
            node_url => "node-url",
            name => "name",
            live => "live",
            records => "records",
            chain_order => "chain-order",
            event_chain => "event-chain",
            body => "body",
            worked_example => "worked-example",
            bundle => "bundle",
            content => "content",
            batch => "batch",
            key_package => "key-package",
            login => "login",
            event => "event",
            first_contact => "first-contact",
            pair_secret => "pair-secret",
            lane => "lane",
            // Padding shows in what opens and what does not.
            padding => "padding",
            node_document => "node-document",
            peer => "peer",
            forward => "forward",
            lookup => "lookup",
            vault => "vault",
            export => "export",
            lock => "lock",
        }
    };
}

pub(crate) use for_each_family;
