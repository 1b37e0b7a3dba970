"""Remove secrets from a text that others may read: a message, a log, a record.

Whatever looks like a secret is removed. ``extension/core/masking.ts`` has the same rules, and
``test-fixtures/masking.json`` has cases for both. The time is linear in the length of the text: it is read word by
word, and no pattern nests repetitions.
"""

from __future__ import annotations

#: The beginnings of tokens that say what they are, and are no word of a language.
_TOKENS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "gldt-", "glrt-", "glptt-"),
    *("glcbt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-", "xoxa-", "xoxb-", "xoxe-"),
    *("xoxe.", "xoxp-", "xoxr-", "xoxs-", "xoxc-", "xoxd-", "xapp-", "sk-", "sk_live_", "sk_test_"),
    *("rk_live_", "rk_test_", "whsec_", "dop_v1_", "doo_v1_", "dor_v1_", "shpat_", "shpss_"),
    *("shpca_", "shppa_", "dckr_pat_", "dckr_oat_", "rubygems_", "hvs.", "hvb.", "hvr.", "SG."),
    *("ya29.", "atlasv1.", "ATATT", "ATCTT", "ATBB", "lin_api_", "nvapi-", "sntrys_", "sntryu_"),
    *("NRAK-", "glc_", "glsa_", "figd_", "PMAK-", "sq0atp-", "sq0csp-", "lsv2_pt_", "lsv2_sk_"),
    *("tskey-", "dp.pt.", "ops_ey", "sbp_", "xai-", "ntn_", "pat-na1-", "pat-eu1-"),
    *("AGE-SECRET-KEY-1", "sha256~", "secret-token:", "pplx-", "tvly-", "shippo_live_"),
    *("pscale_tkn_", "pscale_pw_", "pscale_oauth_", "fo1_", "fm1r_", "fm2_", "sgp_local_"),
    *("CCIPAT_", "ory_at_", "ory_st_", "EZAK", "EZTK"),
)
#: The same, where nothing but letters and digits follows.
_PLAIN_TOKENS = (
    *("npm_", "hf_", "gsk_", "dapi", "pul-", "EAAC", "r8_", "fw_", "rnd_", "squ_", "sqp_", "sqa_"),
    *("cfut_", "cfat_", "nfp_", "sgp_", "phx_", "bkua_", "cio"),
)
#: One of these is in every text that holds a secret, in lower case: most texts are done with after that look.
_SIGNS = (
    *("://", ":\\", "%2f", "%25", "pass", "pwd", "pw", "token", "secret", "key", "auth", "cookie"),
    *("sig", "jwt", "credential", "session", "bearer", "basic", "digest", "negotiate", "sid"),
    *("@", "-u", "-p", "-a", "-e", "-b", "-t", "-w", "login", "publish", "hmac", "otp", "cert"),
    *("_pat", "-pat", "private", "identified", "hooks", "/t/", "bot", "code=", "pypi-", "akia"),
    *("asia", "aroa", "aida", "aiza", "eyj", "psk", "contrase", "kennwort", "wachtwoord", "senha"),
    *("sudo", "_sess", "net use", "dotnet", "nuget", "obscure", "bundle", "dp.", "flyctl", "lftp"),
    *("codecov", "$2", "$5$", "$6$", "$7$", "$y$", "$apr1", "$argon2"),
    *(token.lower() for token in (*_TOKENS, *_PLAIN_TOKENS)),
)


def masked(text: str) -> str:
    """Return ``text`` without passwords, tokens, cookies and keys. Masking it again changes nothing."""
    low = text.lower()
    if not any(sign in low for sign in _SIGNS):
        return text
    from workflow_server.masking_rules import Rules

    return Rules.shared(_TOKENS, _PLAIN_TOKENS).masked(text)


def masked_all(value: object) -> object:
    """Return a JSON value with every string masked, and the values of members that are named like secrets."""
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, dict):
        whole = {key: _masked_entry(str(key), one) for key, one in value.items()}
        if "value" in value:  # {"name": "API_TOKEN", "value": "..."}
            names = [value[key] for key in ("name", "key") if isinstance(value.get(key), str)]
            for name in names:
                whole["value"] = _masked_entry(name, whole["value"])
        return whole
    if isinstance(value, (list, tuple)):
        return [masked_all(one) for one in value]
    return value


def _masked_entry(key: str, value: object) -> object:
    if isinstance(value, str) and value:
        from workflow_server.masking_rules import HIDDEN

        if masked(f'"{key}": "{value}"').endswith(f": {HIDDEN}"):
            return HIDDEN
    if isinstance(value, (list, tuple)):
        return [_masked_entry(key, one) for one in value]
    return masked_all(value)
