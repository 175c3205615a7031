//! What compiles, and what the compiler says where it does not.

#[test]
fn what_is_right_compiles_and_what_is_wrong_says_what_to_write() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/fail/*.rs");
}
