#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zechat_fuzz::pictures::pictures(data));
