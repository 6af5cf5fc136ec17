use super::*;
use ring::signature::UnparsedPublicKey;
use rustls_pki_types::pem::PemObject;

macro_rules! file {
    ($name:literal) => {
        include_bytes!(concat!("../../../../tests/keys/", $name))
    };
}

fn pem(bytes: &[u8]) -> Secret {
    Secret::new(String::from_utf8(bytes.to_vec()).unwrap())
}

fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// The claims of all examples in RFC 7515.
const CLAIMS: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

#[test]
fn hs256_is_that_of_rfc_7515_a_1() {
    let input = format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{CLAIMS}");
    let key = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";
    let signature = sign_input("HS256", &Secret::from(key), "base64", input.as_bytes()).unwrap();
    assert_eq!(
        URL_SAFE_NO_PAD.encode(signature),
        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    );
}

#[test]
fn rs256_is_that_of_rfc_7515_a_2_whatever_holds_the_key() {
    let expected = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdb\
                    F9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383\
                    LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWy\
                    wlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    let input = format!("eyJhbGciOiJSUzI1NiJ9.{CLAIMS}");
    let pkcs1 = pem(file!("rfc7515-a2.pkcs1.pem"));
    // As a variable of the environment often has it.
    let one_line = Secret::new(pkcs1.expose().replace('\n', "\\n"));
    for key in [pkcs1, pem(file!("rfc7515-a2.pkcs8.pem")), one_line] {
        let signature = sign_input("RS256", &key, "", input.as_bytes()).unwrap();
        assert_eq!(URL_SAFE_NO_PAD.encode(signature), expected);
    }
}

/// Public key, input and signature of RFC 7515, A.3.
fn a_3() -> (Vec<u8>, String, &'static str) {
    let mut public = vec![4];
    public.extend(decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"));
    public.extend(decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"));
    let input = format!("eyJhbGciOiJFUzI1NiJ9.{CLAIMS}");
    let signature = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    (public, input, signature)
}

#[test]
fn es256_is_verified_by_the_public_key_of_rfc_7515_a_3() {
    let (public, input, example) = a_3();
    let public = UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, public);
    public.verify(input.as_bytes(), &decode(example)).unwrap();
    for key in [pem(file!("rfc7515-a3.sec1.pem")), pem(file!("rfc7515-a3.pkcs8.pem"))] {
        let signature = sign_input("ES256", &key, "", input.as_bytes()).unwrap();
        assert_eq!(signature.len(), 64);
        public.verify(input.as_bytes(), &signature).unwrap();
        assert!(public.verify(b"another", &signature).is_err());
    }
}

#[test]
fn every_other_algorithm_is_verified_by_its_public_key() {
    let rsa = pem(file!("rfc7515-a2.pkcs8.pem"));
    let private = PrivateKeyDer::from_pem_slice(rsa.expose().as_bytes()).unwrap();
    let pair = match &private {
        PrivateKeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).unwrap(),
        other => panic!("{other:?}"),
    };
    let cases: [(&str, &signature::RsaParameters); 5] = [
        ("RS384", &signature::RSA_PKCS1_2048_8192_SHA384),
        ("RS512", &signature::RSA_PKCS1_2048_8192_SHA512),
        ("PS256", &signature::RSA_PSS_2048_8192_SHA256),
        ("PS384", &signature::RSA_PSS_2048_8192_SHA384),
        ("PS512", &signature::RSA_PSS_2048_8192_SHA512),
    ];
    for (name, parameters) in cases {
        let signature = sign_input(name, &rsa, "", b"input").unwrap();
        let public = UnparsedPublicKey::new(parameters, pair.public().as_ref());
        public.verify(b"input", &signature).unwrap();
    }
    let signature = sign_input("ES384", &pem(file!("made-up-p384.pkcs8.pem")), "", b"input").unwrap();
    UnparsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, file!("made-up-p384.public"))
        .verify(b"input", &signature)
        .unwrap();
    let signature = sign_input("EdDSA", &pem(file!("made-up-ed25519.pkcs8.pem")), "", b"input").unwrap();
    UnparsedPublicKey::new(&signature::ED25519, file!("made-up-ed25519.public"))
        .verify(b"input", &signature)
        .unwrap();
}

#[test]
fn a_key_that_cannot_be_used_is_said_and_not_shown() {
    let rsa = pem(file!("rfc7515-a2.pkcs8.pem"));
    let cut = Secret::new(rsa.expose().chars().take(400).collect::<String>());
    let garbled = Secret::new(rsa.expose().replace("MII", "AAA"));
    let encrypted = pem(file!("rfc7515-a3.encrypted.pem"));
    let curve = pem(file!("rfc7515-a3.sec1.pem"));
    let cases = [
        ("RS256", Secret::from("hunter2"), "is no private key in PEM"),
        ("RS256", cut, "is no private key in PEM"),
        ("RS256", encrypted, "is no private key in PEM"),
        ("RS256", garbled, "cannot sign by `RS256`"),
        ("RS256", curve.clone(), "it is none of RSA"),
        (
            "ES256",
            pem(file!("rfc7515-a2.pkcs1.pem")),
            "it is none of an elliptic curve",
        ),
        ("ES384", curve.clone(), "cannot sign by `ES384`"),
        ("EdDSA", curve, "it is none of Ed25519"),
    ];
    for (algorithm, key, expected) in cases {
        let error = sign_input(algorithm, &key, "", b"input").unwrap_err().to_string();
        assert!(error.contains(expected), "{algorithm}: {error}");
        let body = key.expose().lines().nth(1).unwrap_or(key.expose());
        assert!(!error.contains(body), "{error}");
    }
}
