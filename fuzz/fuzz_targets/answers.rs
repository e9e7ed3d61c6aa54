#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| zechat_fuzz::answers::answers(data));
