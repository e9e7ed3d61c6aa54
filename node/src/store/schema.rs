//! The tables, as the migrations make them.
#![allow(
    missing_docs,
    reason = "the table! macro makes public modules of its own"
)]

diesel::table! {
    accounts (id) {
        id -> BigInt,
        identity -> Binary,
        signing_key -> Binary,
        used_bytes -> BigInt,
        used_count -> BigInt,
        outbox_bytes -> BigInt,
        outbox_count -> BigInt,
        created_at -> BigInt,
        left_at -> BigInt,
        blocked_at -> BigInt,
        last_cursor -> BigInt,
        intro_bytes -> BigInt,
        intro_count -> BigInt,
    }
}

diesel::table! {
    invites (id) {
        id -> BigInt,
        token_hash -> Binary,
        note -> Text,
        uses_left -> BigInt,
        created_at -> BigInt,
        expires_at -> BigInt,
    }
}

diesel::table! {
    blocked_peers (pattern) {
        pattern -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    node_state (name) {
        name -> Text,
        value -> BigInt,
    }
}

diesel::table! {
    records (identity, number) {
        identity -> Binary,
        number -> BigInt,
        hash -> Binary,
        signed -> Binary,
        stored_at -> BigInt,
    }
}

diesel::table! {
    key_packages (identity) {
        identity -> Binary,
        epoch -> BigInt,
        hash -> Binary,
        signed -> Binary,
    }
}

diesel::table! {
    mailboxes (id) {
        id -> BigInt,
        mailbox -> Binary,
        account -> BigInt,
        kind -> Integer,
        removed_at -> BigInt,
    }
}

diesel::table! {
    messages (account, cursor) {
        account -> BigInt,
        cursor -> BigInt,
        mailbox -> BigInt,
        kind -> Integer,
        message_id -> Binary,
        arrived_at -> BigInt,
        size -> BigInt,
        envelope -> Binary,
    }
}

diesel::table! {
    devices (account, device) {
        account -> BigInt,
        device -> Binary,
        acked -> BigInt,
        last_seen -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        account -> BigInt,
        device -> Binary,
        submission -> Binary,
        destination -> Text,
        boxed -> Binary,
        created_at -> BigInt,
        retry_at -> BigInt,
        state -> Integer,
        code -> Text,
    }
}

diesel::table! {
    tombstones (id) {
        id -> BigInt,
        account -> BigInt,
        count -> BigInt,
        from_at -> BigInt,
        to_at -> BigInt,
    }
}

diesel::table! {
    peers (url) {
        url -> Text,
        failures -> BigInt,
        retry_at -> BigInt,
    }
}

diesel::table! {
    vaults (id) {
        id -> BigInt,
        vault -> Binary,
        account -> BigInt,
        version -> BigInt,
        hash -> Binary,
        manifest -> Binary,
        used_bytes -> BigInt,
    }
}

diesel::table! {
    leases (peer) {
        peer -> Text,
        holder -> Binary,
        expires_at -> BigInt,
    }
}

diesel::table! {
    vault_chunks (vault, chunk) {
        vault -> BigInt,
        chunk -> Binary,
        listed -> Integer,
        uploaded_at -> BigInt,
        size -> BigInt,
        sealed -> Binary,
    }
}

diesel::table! {
    node_keys (name) {
        name -> Text,
        keys -> Binary,
    }
}

diesel::allow_tables_to_appear_in_same_query!(messages, mailboxes);
