#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mnistaug_fuzz::stored("parquet", data));
