use super::Fault;

#[test]
fn every_fault_keeps_its_meaning_as_a_number() {
    let all =
        [Fault::None, Fault::Harmless, Fault::Gone, Fault::Ended, Fault::System, Fault::Write, Fault::Denied];
    for fault in all {
        assert_eq!(Fault::from_code(fault as u8), fault);
    }
}
