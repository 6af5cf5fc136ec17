fn main() -> Result<(), tollgate_codegen::ScriptError> {
    tollgate_codegen::configure().descriptor("api/shop.yaml").generate()
}
