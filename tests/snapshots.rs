//! What is generated, as snapshots: a change of the generator shows as a change of its output.

use tollgate_codegen::{Options, generate, print};
use tollgate_tests::load;

/// The whole client of Acme, one snapshot a file.
#[test]
fn acme_is_generated_as_before() {
    let model = load("descriptor/tests/good/acme.yaml").unwrap();
    let files = print::format(generate(&model, &Options::checked_in()).unwrap()).unwrap();
    insta::with_settings!({ omit_expression => true, prepend_module_to_snapshot => false }, {
        for (path, text) in files.iter() {
            insta::assert_snapshot!(path.replace('/', "__"), text);
        }
    });
}
