#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mnistaug_fuzz::file("x.mat", data));
