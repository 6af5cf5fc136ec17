//! Every generated provider, through every sort of trouble, from a fixed seed.
//!
//! `TOLLGATE_FAULTS_SEED` is the seed, `TOLLGATE_FAULTS_ONLY` a part of the names of faults, providers or operations.
//! docs/testing.md says more.

mod faults {
    mod cancel;
    mod clock;
    mod draw;
    #[cfg(feature = "redis")]
    mod lost;
    mod plan;
    mod site;
    mod storm;
    mod trial;
    mod watch;
}
