use super::*;
use crate::audio::canceller::tests::speech;
use crate::audio::echo_gate::decibels;

/// Sound that goes on, so that there is always something to cancel.
fn far_end(seconds: usize) -> Vec<f32> {
    let clip: Vec<f32> = speech().into_iter().filter(|s| s.abs() > 1e-4).collect();
    clip.iter().copied().cycle().take(seconds * SESSION_RATE as usize).collect()
}

/// A microphone in a room with the speaker.
struct Room {
    echo: Echo,
    far: Vec<f32>,
    delay: usize,
    gain: f32,
    at: usize,
}

impl Room {
    fn new(mode: EchoMode, delay_ms: usize, gain_db: f32, seconds: usize) -> Self {
        let config = EchoConfig { mode, noise: false, gain: false };
        let mut echo = Echo::new(config);
        echo.attach(&DeviceInfo::default());
        let gain = 10f32.powf(gain_db / 20.0);
        Self { echo, far: far_end(seconds), delay: delay_ms * 24, gain, at: 0 }
    }

    fn microphone(&self, at: usize, near: &[f32]) -> Vec<f32> {
        (0..BLOCK)
            .map(|i| {
                let tap = |delay: usize| (at + i).checked_sub(delay).map_or(0.0, |p| self.far[p]);
                let room = tap(self.delay) + 0.4 * tap(self.delay + 311) + 0.2 * tap(self.delay + 1_733);
                room * self.gain + near.get(i).copied().unwrap_or(0.0)
            })
            .collect()
    }

    /// A block is played and one recorded, with `near` said into the microphone. What it was, and what became of it.
    fn block(&mut self, near: &[f32]) -> (f32, Vec<f32>) {
        let played = self.far[self.at..self.at + BLOCK].to_vec();
        self.echo.far(&played, SESSION_RATE);
        let mut block = self.microphone(self.at, near);
        let before = power(&block);
        self.echo.near(&mut block, 1);
        self.at += BLOCK;
        (before, block)
    }

    /// `seconds` of echo alone: how much of it is taken away, in dB.
    fn attenuation(&mut self, seconds: f32) -> f32 {
        let (mut before, mut after) = (0.0, 0.0);
        for _ in 0..(seconds * 100.0) as usize {
            let (loud, block) = self.block(&[]);
            (before, after) = (before + loud, after + power(&block));
        }
        decibels(before) - decibels(after.max(1e-9))
    }
}

#[test]
fn cancellation_takes_the_echo_away_and_says_when_it_is_sure_of_it() {
    let mut room = Room::new(EchoMode::Auto, 80, -12.0, 8);
    assert_eq!(room.echo.state(), EchoState::Converging);
    let first = room.attenuation(1.5);
    assert!(first > 20.0, "in the first second and a half: {first} dB");
    let later = room.attenuation(3.0);
    assert!(later > 30.0, "{later} dB");
    assert_eq!(room.echo.state(), EchoState::Cancelling);
}

#[test]
fn a_voice_above_the_echo_goes_through() {
    let mut room = Room::new(EchoMode::Aec, 80, -12.0, 12);
    room.attenuation(4.0);
    let voice = speech();
    let (mut said, mut heard) = (0.0, 0.0);
    for near in voice.chunks_exact(BLOCK).take(150) {
        let (_, block) = room.block(near);
        (said, heard) = (said + power(near), heard + power(&block));
    }
    assert!((decibels(heard) - decibels(said)).abs() < 9.0, "{} dB", decibels(heard) - decibels(said));
}

#[test]
fn a_backlog_of_both_sides_is_paired_as_it_was_heard() {
    let mut room = Room::new(EchoMode::Aec, 80, -12.0, 12);
    room.attenuation(3.0);
    // The audio thread gets no turn for 200 ms, then finds everything at once.
    let start = room.at;
    let played = room.far[start..start + 20 * BLOCK].to_vec();
    room.echo.far(&played, SESSION_RATE);
    for i in 0..20 {
        let mut block = room.microphone(start + i * BLOCK, &[]);
        room.echo.near(&mut block, 20 - i);
    }
    room.at += 20 * BLOCK;
    let after = room.attenuation(1.0);
    assert!(after > 25.0, "{after} dB");
}

#[test]
fn a_gap_filled_with_silence_costs_nothing() {
    let mut room = Room::new(EchoMode::Aec, 80, -12.0, 12);
    room.attenuation(3.0);
    for _ in 0..3 {
        let played = room.far[room.at..room.at + 2 * BLOCK].to_vec();
        room.echo.far(&played, SESSION_RATE);
        room.echo.near(&mut [0.0; BLOCK], 2);
        room.echo.near(&mut [0.0; BLOCK], 1);
        room.at += 2 * BLOCK;
        let after = room.attenuation(1.0);
        assert!(after > 25.0, "{after} dB");
    }
}

#[test]
fn what_is_said_while_nothing_is_played_goes_past_the_canceller() {
    let mut room = Room::new(EchoMode::Auto, 80, -12.0, 12);
    let voice = speech();
    let passes = |room: &mut Room| {
        let mut block = voice[..BLOCK].to_vec();
        room.echo.far(&[0.0; BLOCK], SESSION_RATE);
        room.echo.near(&mut block, 1);
        block == voice[..BLOCK]
    };
    assert!(passes(&mut room));
    room.attenuation(1.0);
    let since = (0..100).find(|_| passes(&mut room)).expect("within a second");
    assert!((40..=60).contains(&since), "{since} blocks after the last sound");
}

/// Two seconds of silence, at the end of which one side is some blocks ahead, and after which the other catches up.
fn rest(room: &mut Room, played_ahead: usize, recorded_ahead: usize) {
    room.far[room.at..room.at + 200 * BLOCK].fill(0.0);
    for _ in 0..200 - played_ahead - recorded_ahead {
        room.block(&[]);
    }
    let first = room.at / BLOCK;
    let play = |room: &mut Room, block: usize| {
        let played = room.far[block * BLOCK..][..BLOCK].to_vec();
        room.echo.far(&played, SESSION_RATE);
    };
    let record = |room: &mut Room, block: usize| {
        let mut recorded = room.microphone(block * BLOCK, &[]);
        room.echo.near(&mut recorded, 1);
    };
    let next = first + played_ahead + recorded_ahead;
    (first..first + played_ahead).for_each(|block| play(room, block));
    (first..first + recorded_ahead).for_each(|block| record(room, block));
    for block in next..next + 20 {
        play(room, block - recorded_ahead);
        record(room, block - played_ahead);
    }
    (next + 20 - recorded_ahead..next + 20).for_each(|block| play(room, block));
    (next + 20 - played_ahead..next + 20).for_each(|block| record(room, block));
    room.at = (next + 20) * BLOCK;
}

#[test]
fn a_rest_costs_nothing_of_the_cancellation() {
    for (played_ahead, recorded_ahead) in [(0, 0), (6, 0), (0, 6)] {
        let mut room = Room::new(EchoMode::Aec, 80, -12.0, 20);
        room.attenuation(3.0);
        rest(&mut room, played_ahead, recorded_ahead);
        let after = room.attenuation(0.3);
        assert!(after > 50.0, "{after} dB after {played_ahead}, {recorded_ahead}");
    }
}

#[test]
fn the_gate_alone_keeps_the_echo_out_and_lets_a_louder_voice_in() {
    let mut room = Room::new(EchoMode::Gate, 80, -26.0, 12);
    let echo = room.attenuation(5.0);
    assert!(echo > 40.0, "{echo} dB");
    assert_eq!(room.echo.state(), EchoState::Gating);
    let voice = speech();
    let loud: Vec<f32> = voice.iter().map(|s| s * 2.0).collect();
    let heard: f32 = loud.chunks_exact(BLOCK).take(150).map(|near| power(&room.block(near).1)).sum();
    let said: f32 = loud.chunks_exact(BLOCK).take(150).map(power).sum();
    assert!(decibels(heard) - decibels(said) > -6.0, "{} dB", decibels(heard) - decibels(said));
}

#[test]
fn half_duplex_shuts_the_microphone_while_something_is_played_and_a_little_longer() {
    let mut echo = Echo::new(EchoConfig { mode: EchoMode::Half, ..EchoConfig::default() });
    assert_eq!(echo.state(), EchoState::HalfDuplex);
    let open = |echo: &mut Echo| {
        let mut block = [0.5; BLOCK];
        echo.near(&mut block, 1);
        block[BLOCK - 1] > 0.01
    };
    assert!(open(&mut echo));
    echo.far(&[0.1; BLOCK], SESSION_RATE);
    assert!(!open(&mut echo));
    let mut shut = 0;
    for _ in 0..100 {
        echo.far(&[0.0; BLOCK], SESSION_RATE);
        shut += usize::from(!open(&mut echo));
    }
    assert_eq!(shut, HALF_TAIL - 1);
}

#[test]
fn a_microphone_that_the_system_has_cleaned_is_left_alone_unless_asked_otherwise() {
    let mut echo = Echo::new(EchoConfig { noise: true, ..EchoConfig::default() });
    echo.attach(&DeviceInfo { echo_cancelled: true, ..DeviceInfo::default() });
    assert_eq!(echo.state(), EchoState::System);
    let sound: Vec<f32> = speech()[24_000..24_000 + BLOCK].to_vec();
    let mut block = sound.clone();
    echo.far(&[0.5; BLOCK], SESSION_RATE);
    echo.near(&mut block, 1);
    assert_eq!(block, sound);
    echo.set_mode(EchoMode::Aec);
    assert_eq!(echo.state(), EchoState::Converging);
    echo.set_mode(EchoMode::Auto);
    echo.attach(&DeviceInfo::default());
    assert_eq!(echo.state(), EchoState::Converging);
}

#[test]
fn off_passes_everything_unchanged() {
    let mut echo = Echo::new(EchoConfig { mode: EchoMode::Off, ..EchoConfig::default() });
    let sound: Vec<f32> = speech()[24_000..24_000 + BLOCK].to_vec();
    let mut block = sound.clone();
    echo.far(&[0.5; BLOCK], SESSION_RATE);
    echo.near(&mut block, 1);
    assert_eq!(block, sound);
    assert_eq!(echo.state(), EchoState::Off);
}

#[test]
fn any_rate_of_the_speaker_is_understood() {
    for rate in [8_000, 44_100, 48_000, 192_000] {
        let mut room = Room::new(EchoMode::Aec, 80, -12.0, 3);
        let mut at_rate = crate::resample::resample_clip(&room.far, SESSION_RATE, rate).into_iter();
        let (mut before, mut after) = (0.0, 0.0);
        for i in 0..250 {
            let played: Vec<f32> = at_rate.by_ref().take(rate as usize / 100).collect();
            room.echo.far(&played, rate);
            let mut block = room.microphone(room.at, &[]);
            let loud = power(&block);
            room.echo.near(&mut block, 1);
            room.at += BLOCK;
            if i >= 150 {
                (before, after) = (before + loud, after + power(&block));
            }
        }
        let taken = decibels(before) - decibels(after);
        assert!(taken > if rate == 8_000 { 6.0 } else { 25.0 }, "{rate}: {taken} dB");
    }
}
