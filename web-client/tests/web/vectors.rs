//! The frozen vectors, read by the code that runs in the browser: big numbers, lattices and curves come
//! out there as they do natively.

use wasm_bindgen_test::wasm_bindgen_test;

use crate::{checks, families, run};

macro_rules! tests {
    ($($test:ident => $name:literal),* $(,)?) => {
        $(
            #[wasm_bindgen_test]
            fn $test() {
                let text = include_str!(concat!("../../../docs/vectors/", $name, ".json"));
                run::check_family($name, text, checks::$test);
            }
        )*
    };
}

families::for_each_family!(tests);
