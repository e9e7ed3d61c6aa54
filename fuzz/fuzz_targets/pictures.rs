#![no_main]

libfuzzer_sys::fuzz_target!(
    // A panic that is caught is none.
    init: std::panic::set_hook(Box::new(|_| {})),
    |data: &[u8]| zechat_fuzz::pictures::pictures(data)
);
