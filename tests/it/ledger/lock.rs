//! One daemon per database (mail.md §7).

use soported::daemon::lock::InstanceLock;

#[test]
fn a_second_daemon_is_refused_until_the_first_has_ended() {
    let folder = tempfile::TempDir::new().unwrap();
    let database = folder.path().join("new").join("soported.db");
    assert!(!InstanceLock::is_held(&database));
    let first = InstanceLock::take(&database).unwrap();
    assert!(first.is_some());
    assert!(InstanceLock::is_held(&database));
    assert!(InstanceLock::take(&database).unwrap().is_none());
    // Another database is another house.
    let other = folder.path().join("other.db");
    assert!(InstanceLock::take(&other).unwrap().is_some());
    drop(first);
    assert!(!InstanceLock::is_held(&database));
    assert!(InstanceLock::take(&database).unwrap().is_some());
}
