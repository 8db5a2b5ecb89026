//! The migrations are embedded by a macro, which cargo cannot see through: rebuild when one of them changes.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
