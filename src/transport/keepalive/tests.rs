use super::*;

/// When each verdict but `Alive` falls, in ms, for a peer that falls silent at `heard_until` ms.
fn verdicts(policy: Policy, event_at: u64, heard_until: u64, pongs: bool) -> Vec<(u64, Verdict)> {
    let start = Instant::now();
    let mut keepalive = Keepalive::new(policy, start);
    keepalive.event(start + Duration::from_millis(event_at));
    let mut signs = Signs { heard: start + Duration::from_millis(heard_until), stuck_since: None };
    let mut seen = Vec::new();
    for _ in 0..8 {
        let now = keepalive.due(signs);
        let verdict = keepalive.check(now, signs);
        seen.push(((now - start).as_millis() as u64, verdict));
        match verdict {
            Verdict::Ping if pongs => signs.heard = now + Duration::from_millis(1),
            Verdict::Silent | Verdict::Stuck => break,
            Verdict::Ping | Verdict::Alive => {}
        }
    }
    seen
}

#[test]
fn a_dead_peer_shows_within_eight_seconds_in_a_conversation() {
    assert_eq!(verdicts(Policy::REMOTE, 0, 0, false), [(3_000, Verdict::Ping), (8_000, Verdict::Silent)]);
}

#[test]
fn a_dead_peer_shows_within_fifteen_seconds_otherwise() {
    assert_eq!(
        verdicts(Policy::REMOTE, 0, 60_000, false),
        [(69_000, Verdict::Ping), (74_000, Verdict::Silent)]
    );
}

#[test]
fn a_peer_that_answers_is_asked_again_and_again() {
    let seen = verdicts(Policy::REMOTE, 0, 60_000, true);
    assert_eq!(seen.len(), 8);
    assert!(seen.iter().all(|&(_, verdict)| verdict == Verdict::Ping));
    assert!(seen.windows(2).all(|w| w[1].0 - w[0].0 <= 20_000), "{seen:?}");
}

#[test]
fn a_slow_local_model_is_not_taken_for_dead() {
    let seen = verdicts(Policy::LOOPBACK, 0, 0, false);
    assert_eq!(seen, [(15_000, Verdict::Ping), (60_000, Verdict::Silent)]);
}

#[test]
fn a_peer_that_takes_no_bytes_is_stuck_even_if_it_sends() {
    let start = Instant::now();
    let mut keepalive = Keepalive::new(Policy::REMOTE, start);
    let now = start + Duration::from_secs(10);
    let signs = Signs { heard: now, stuck_since: Some(start) };
    assert_eq!(keepalive.due(signs), now);
    assert_eq!(keepalive.check(now, signs), Verdict::Stuck);
    let moving = Signs { heard: now, stuck_since: Some(start + Duration::from_secs(5)) };
    assert_eq!(keepalive.check(now, moving), Verdict::Alive);
}

#[test]
fn a_peer_that_takes_bytes_slowly_is_not_asked_for_a_pong_before_it_can_have_the_ping() {
    let start = Instant::now();
    let at = |seconds| start + Duration::from_secs(seconds);
    let mut keepalive = Keepalive::new(Policy::REMOTE, start);
    let taking = |seconds| Signs { heard: start, stuck_since: Some(at(seconds)) };
    assert_eq!(keepalive.check(at(3), taking(3)), Verdict::Ping);
    assert_eq!(keepalive.check(at(9), taking(9)), Verdict::Alive);
    assert_eq!(keepalive.due(taking(9)), at(14));
    assert_eq!(keepalive.check(at(14), taking(9)), Verdict::Silent, "it has stopped taking any");
}
