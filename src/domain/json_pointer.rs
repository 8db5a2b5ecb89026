//! JSON pointers (RFC 6901), which say where in a document something is wrong.

/// One step into an object: the name of a member, escaped.
pub fn member(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[test]
fn signs_of_the_pointer_itself_are_escaped() {
    assert_eq!(member("a/b~1"), "/a~1b~01");
}
