"""One language, one code, however a file spells it."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intermezzo.queries.languages import Language, canonical, known


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("eng", "en"),
        ("eng-Latn", "en"),
        ("eng_Latn", "en"),
        ("en-US", "en"),
        ("en-GB", "en-GB"),
        ("zh", "zh"),
        ("zh-cn", "zh"),
        ("zh_CN", "zh"),
        ("zho-Hans", "zh"),
        ("cmn_Hans", "zh"),
        ("zho_Hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant-HK"),
        ("yue_Hant", "yue"),
        ("arb_Arab", "ar"),
        ("arb_Latn", "ar-Latn"),
        ("acm_Arab", "acm"),
        ("ar-arz", "arz"),
        ("ary", "ary"),
        ("iw", "he"),
        ("fa", "fa"),
        ("pes_Arab", "fa"),
        ("swh_Latn", "sw"),
        ("est", "et"),
        ("ekk", "et"),
        ("tl", "tl"),
        ("fil", "tl"),
        ("tgl_Latn", "tl"),
        ("no", "no"),
        ("nb", "nb"),
        ("nob_Latn", "nb"),
        ("nn", "nn"),
        ("qu", "qu"),
        ("srp-Cyrl", "sr"),
        ("srp-Latn", "sr-Latn"),
        ("pt-BR", "pt"),
        ("pt-PT", "pt-PT"),
        ("es-419", "es-419"),
        ("pa-PK", "pa-Arab"),
        ("ca-valencia", "ca-valencia"),
        ("bam", "bm"),
        ("bbj", "bbj"),
        ("ewe", "ee"),
        ("hau", "ha"),
        ("ibo", "ig"),
        ("twi", "tw"),
        ("en-u-nu-latn", "en"),
    ],
)
def test_spellings_meet_in_one_code(spelling: str, code: str) -> None:
    found = canonical(spelling)
    assert found is not None
    assert found.code == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "jp",
        "xx",
        "english",
        "und",
        "mul",
        "zxx",
        "qaa",
        "x-private",
        "en-x-mine",
        "python-Code",
        "zh-",
        "xnli",
        "en fr",
        "ё",
        "𐀀",
        "a" * 500,
        "en-Latn-Latn-Latn",
        "default",
        "-",
        "e\x00n",
    ],
)
def test_what_is_no_language_code_is_none(text: str) -> None:
    assert canonical(text) is None


def test_a_language_comes_with_name_script_iso_and_family() -> None:
    chinese = canonical("zh_TW")
    assert chinese == Language("zh-Hant", "zho", "Hant", "Sino-Tibetan")
    assert chinese.name == "Chinese (Traditional)"
    assert canonical("sw") == Language("sw", "swa", "Latn", "Atlantic-Congo")
    tagalog, acm = canonical("fil"), canonical("acm_Arab")
    assert tagalog is not None
    assert (tagalog.name, tagalog.iso639_3, tagalog.family) == ("Tagalog", "tgl", "Austronesian")
    assert acm is not None
    assert (acm.script, acm.family) == ("Arab", "Afro-Asiatic")


def test_isolates_are_called_isolate() -> None:
    basque = canonical("eu")
    assert basque is not None
    assert basque.family == "isolate"


def test_a_script_nobody_knows_is_unknown_not_latin() -> None:
    """langcodes' own completion answers Latn-US where it has no entry."""
    phrygian = canonical("xpg")
    assert phrygian is not None
    assert phrygian.script is None


def test_flores_distinctions_stay_apart() -> None:
    """FLORES-200 and Belebele test these side by side: folding must not merge any two of them."""
    tags = """acm_Arab acq_Arab aeb_Arab apc_Arab arb_Arab arb_Latn ars_Arab ary_Arab arz_Arab aka_Latn twi_Latn ace_Arab ace_Latn
    bjn_Arab bjn_Latn kas_Arab kas_Deva knc_Arab knc_Latn taq_Latn taq_Tfng zho_Hans zho_Hant yue_Hant npi_Deva npi_Latn nob_Latn
    nno_Latn pes_Arab prs_Arab azj_Latn azb_Arab ckb_Arab kmr_Latn uzn_Latn zsm_Latn ind_Latn swh_Latn als_Latn lvs_Latn ltg_Latn
    est_Latn hin_Deva hin_Latn urd_Arab urd_Latn ben_Beng ben_Latn sin_Latn sin_Sinh min_Arab min_Latn mni_Beng pbt_Arab fuv_Latn
    gaz_Latn plt_Latn quy_Latn ydd_Hebr dik_Latn srp_Cyrl hrv_Latn bos_Latn tgl_Latn fil_Latn"""  # noqa: E501
    codes: dict[str, list[str]] = {}
    for tag in tags.split():
        found = canonical(tag)
        assert found is not None, tag
        codes.setdefault(found.code, []).append(tag)
    assert {c: t for c, t in codes.items() if len(t) > 1} == {"tl": ["tgl_Latn", "fil_Latn"]}


def test_known_languages_are_canonical_and_nearly_all_have_a_family() -> None:
    languages = known()
    assert {"en", "ar", "zh", "sw", "am", "luo", "sq", "ca-valencia"} <= {la.code for la in languages}
    assert len(languages) > 200
    assert all(canonical(la.code) == la for la in languages)
    assert [la.code for la in languages if la.family is None] == []
    assert all(la.iso639_3 and re.fullmatch("[a-z]{3}", la.iso639_3) for la in languages)


@settings(deadline=None)
@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    found = canonical(text)
    assert found is None or canonical(found.code) == found


@settings(deadline=None)
@given(
    st.from_regex(
        r"[a-z]{2,3}([-_](Latn|Cyrl|Arab|Hant|Hans|Deva|Zzzz))?([-_]([A-Z]{2}|[0-9]{3}))?(-[a-z]{5,8})?",
        fullmatch=True,
    )
)
def test_a_canonical_code_is_its_own(tag: str) -> None:
    found = canonical(tag)
    if found is not None:
        assert canonical(found.code) == found


def test_importing_it_loads_no_langcodes() -> None:
    code = "import sys, intermezzo.queries.languages; print('langcodes' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
