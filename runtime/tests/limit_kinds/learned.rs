//! What answers teach of a limit, and whom a refusal stops.

use super::*;

const LEARNING: Limit = Limit {
    name: "learning",
    limit: 10,
    window: Duration::from_secs(10),
    per: &[Per::Token],
    learn: Some(&Learn {
        limit: Some(Place::header("x-limit")),
        remaining: Some(Place::header("x-left")),
        used: None,
        reset: Some(Place {
            formats: &[TimeFormat::Seconds],
            ..Place::header("x-reset")
        }),
    }),
    ..Limit::DEFAULT
};
const USED: Limit = Limit {
    name: "used",
    limit: 2,
    window: Duration::from_secs(1),
    algorithm: Algorithm::Bucket { burst: 40 },
    per: &[Per::Token],
    learn: Some(&Learn {
        limit: Some(Place {
            pattern: Some("/([0-9]+)"),
            ..Place::header("x-calls")
        }),
        remaining: None,
        used: Some(Place {
            pattern: Some("([0-9]+)/"),
            ..Place::header("x-calls")
        }),
        reset: None,
    }),
    ..Limit::DEFAULT
};
const PLAIN_TEN: Limit = Limit {
    name: "plain_ten",
    learn: None,
    ..LEARNING
};
const FOR_CHANNELS: Limit = Limit {
    name: "for_channels",
    limit: 1,
    window: Duration::from_secs(5),
    per: &[Per::Token],
    tokens: &["channel"],
    ..Limit::DEFAULT
};
const TIER: Limit = Limit {
    name: "tier",
    ..PLAIN_TEN
};

says! {
    Learns = Spec { settings: &Settings { limits: &[&LEARNING], ..PLAIN }, ..GET };
    LearnsUsed = Spec { settings: &Settings { limits: &[&USED], ..PLAIN }, ..GET };
    LearnsByDefault = Spec { settings: &Settings { limits: &[&PLAIN_TEN], ..PLAIN }, ..GET };
    OfChannels = Spec { settings: &Settings { limits: &[&FOR_CHANNELS], ..PLAIN }, ..GET };
    OtherTier = Spec { settings: &Settings { limits: &[&TIER], ..PLAIN }, ..GET };
    OtherTierPatient = Spec { settings: &Settings { limits: &[&TIER], retry: Some(&RETRY), ..PLAIN }, ..GET };
}

/// When calls were answered that were made one after another, with these headers on the first answer.
async fn after<S: Says + Default>(headers: &[(&str, &str)], count: usize) -> Vec<u128> {
    let mut replies = VecDeque::from([headers
        .iter()
        .fold(ok(), |reply, (name, value)| reply.header(name, value))]);
    replies.resize(count + 1, ok());
    let script = replies
        .into_iter()
        .fold(ScriptedTransport::new(), ScriptedTransport::then);
    let client = client(&script);
    let started = Instant::now();
    client.call(ask::<S>()).send().await.unwrap();
    let mut times = Vec::new();
    for _ in 0..count {
        client.call(ask::<S>()).send().await.unwrap();
        times.push(started.elapsed().as_millis());
    }
    times
}

#[tokio::test(start_paused = true)]
async fn what_is_left_is_learned_until_it_is_whole_again() {
    let left = [("x-left", "2"), ("x-reset", "3.5")];
    assert_eq!(after::<Learns>(&left, 4).await, [0, 0, 3500, 3500]);
    // No more is learned than is declared.
    assert_eq!(
        after::<Learns>(&[("x-limit", "1000"), ("x-left", "999"), ("x-reset", "1")], 10).await[9],
        10001
    );
    // A smaller budget than declared.
    assert_eq!(after::<Learns>(&[("x-limit", "2")], 2).await, [0, 10001]);
}

#[tokio::test(start_paused = true)]
async fn odd_values_hold_up_nobody() {
    for odd in [
        &[("x-left", "0"), ("x-reset", "0")][..],
        &[("x-left", "0"), ("x-reset", "soon")],
        &[("x-left", "-1"), ("x-reset", "9")],
        &[("x-limit", "0")],
        &[("x-left", "many"), ("x-limit", "unlimited"), ("x-reset", "NaN")],
    ] {
        assert_eq!(after::<Learns>(odd, 9).await[8], 0, "{odd:?}");
    }
    // A year is not believed for longer than an hour.
    let year = [("x-left", "0"), ("x-reset", "31536000")];
    let script = ScriptedTransport::new()
        .then(ok().header("x-left", "0").header(year[1].0, year[1].1))
        .then(ok());
    let client = client(&script);
    client.call(ask::<Learns>()).send().await.unwrap();
    let error = client.call(ask::<Learns>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wait);
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    sleep(Duration::from_hours(1)).await;
    client.call(ask::<Learns>()).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_is_used_of_a_bucket_flows_back() {
    // 39 of 40: one more after the margin, then two per second.
    let times = after::<LearnsUsed>(&[("x-calls", "39/40")], 3).await;
    assert_eq!(times, [1, 501, 1001]);
    // Fewer used than the client knows of itself changes nothing.
    assert_eq!(after::<LearnsUsed>(&[("x-calls", "0/40")], 40).await[38..], [1, 501]);
}

#[tokio::test(start_paused = true)]
async fn the_ietf_fields_are_read_where_nothing_else_is_declared() {
    let fields = [("RateLimit", "\"a\";r=1;t=4"), ("RateLimit-Policy", "\"a\";q=5;w=10")];
    assert_eq!(after::<LearnsByDefault>(&fields, 2).await, [0, 4000]);
    let older = [("RateLimit-Remaining", "0"), ("RateLimit-Reset", "6")];
    assert_eq!(after::<LearnsByDefault>(&older, 1).await, [6000]);
}

#[tokio::test(start_paused = true)]
async fn what_is_under_way_is_taken_off_what_is_left() {
    // Five leave together. The answer of the first says that five are left, and may have been written before any of the
    // other four arrived: one is left for sure.
    let first = ok().header("x-left", "5").header("x-reset", "7");
    let mut script = ScriptedTransport::new().then_after(ms(100), Ok(first));
    for _ in 0..6 {
        script = script.then_after(ms(200), Ok(ok()));
    }
    let client = client(&script);
    let started = Instant::now();
    let call = || client.call(ask::<Learns>()).send();
    let all = join_all((0..5).map(|_| call()));
    let later = async {
        sleep(ms(150)).await;
        join_all([call(), call()]).await;
        started.elapsed()
    };
    let (_, later) = futures_util::future::join(all, later).await;
    assert_eq!(later, ms(100 + 7000 + 200));
}

#[tokio::test(start_paused = true)]
async fn a_limit_for_some_tokens_holds_for_no_others() {
    let script = ScriptedTransport::answering(|_| (Duration::ZERO, Ok(ok())));
    let client = client(&script);
    let started = Instant::now();
    for _ in 0..5 {
        client.call(ask::<OfChannels>()).send().await.unwrap();
    }
    // The toy's tokens are of the type `token`, which is not among those that it holds for.
    assert_eq!(started.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_stops_everybody_of_the_token_whatever_limit_they_wait_for() {
    let script = ScriptedTransport::new()
        .then_after(ms(20), Ok(HttpReply::new(429).header("retry-after", "9")))
        .then(ok())
        .then(ok());
    let connection = connection(script);
    let client = Client::new(&connection, Source::new(SECRET));
    let other = Client::new(&connection, Source::new("another"));
    let started = Instant::now();
    assert_eq!(
        client.call(ask::<LearnsByDefault>()).send().await.unwrap_err().status(),
        Some(429)
    );
    other.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(20));
    client.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(9020));
}

#[tokio::test(start_paused = true)]
async fn without_a_hint_a_refusal_closes_for_a_second() {
    let script = ScriptedTransport::new().then(HttpReply::new(429)).then(ok());
    let client = client(&script);
    let started = Instant::now();
    client.call(ask::<LearnsByDefault>()).send().await.unwrap_err();
    client.call(ask::<OtherTier>()).send().await.unwrap();
    assert_eq!(started.elapsed(), ms(1000));
}

#[tokio::test(start_paused = true)]
async fn a_long_close_is_an_error_and_no_endless_sleep() {
    let script = ScriptedTransport::new()
        .then(HttpReply::new(429).header("retry-after", "999999999"))
        .then(ok());
    let client = client(&script);
    client.call(ask::<LearnsByDefault>()).send().await.unwrap_err();
    let started = Instant::now();
    // Nothing is declared of how long to wait: a minute. It names the limit that was refused.
    let error = client.call(ask::<OtherTier>()).send().await.unwrap_err();
    assert_eq!((error.kind(), started.elapsed()), (ErrorKind::Wait, Duration::ZERO));
    assert_eq!(error.retry_after(), Some(Duration::from_hours(1)));
    assert!(error.to_string().contains("`plain_ten`"), "{error}");
    let error = client.call(ask::<OtherTierPatient>()).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Wait);
    // After an hour it is tried again.
    sleep(Duration::from_hours(1)).await;
    client.call(ask::<OtherTier>()).send().await.unwrap();
}
