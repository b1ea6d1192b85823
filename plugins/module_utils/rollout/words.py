# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The words of a rollout in English and Turkish, in the terminal and on its page. Gaps: ``{count}``."""

from __future__ import annotations

import typing as t

from ..status.words import fill

ENGLISH: dict[str, str] = {
    "title": "Rollout",
    "host": "host",
    "batch of": "batch {number} of {all}",
    "outcome": "Outcome",
    "phones": "Phones",
    "phones before": "before",
    "phones after": "after",
    "created": "created",
    "updated": "changed",
    "deleted": "deleted",
    "files": "files",
    "anew": "re-register",
    "restart": "restart",
    "restart yes": "yes",
    "restart due": "due, not done",
    "restart no": "",
    "took": "took",
    "seconds": "{count} s",
    "began": "began {time}",
    "ended": "ended {time}",
    "why": "Why",
    "no reason": "no reason was given",
    # What can become of a host
    "waiting": "not begun",
    "working": "in the middle of it",
    "done": "changed",
    "same": "nothing to do",
    "back": "put back",
    "stuck": "could not be put back",
    "failed": "failed, not changed",
    "unreachable": "unreachable",
    # What can become of a rollout
    "running": "running, or ended from outside",
    "finished": "done",
    "stopped": "stopped: {why}",
    "refused": "not begun: {why}",
    # The preflight
    "preflight": "preflight",
    "and more": "{names} and {count} more",
    "line trouble": "{hosts}: {why}",
    "line totals": (
        "{hosts} hosts: {to_change} to be changed, {same} with nothing to do, {trouble} that cannot be;"
        " {created} created, {updated} changed, {deleted} deleted; {anew} of {registered} registered phones"
        " re-register; {restarts} restarts"
    ),
    "line already": "done before, and left alone: {count}",
    "line batches": "batches: {sizes}",
    "line would stop": (
        "it would stop in batch {number}: {failed} of its {hosts} hosts cannot be changed, and"
        " pbx_rollout_max_fail_percentage is {percentage}. Nothing was changed. Fix them, leave them out"
        " with --limit '!HOST', or allow for them"
    ),
    # What the gate says
    "gate phones": (
        "{registered} of {expected} phones are registered that were before, less than {least} %; missing:"
        " {numbers}"
    ),
    "gate stopped": "Asterisk ran before, and does not run now",
    "gate unread": "Asterisk does not show what the directory has of {numbers}",
    "gate trunk": "trunk {trunk} was registered, and is now: {registration}",
    "gate trunk silent": "the far end of trunk {trunk} answered before, and does not now",
    "gate call": "the test call to {number} failed: {why}",
    "gate command": "{command} has failed ({status}): {said}",
    "apart ran_out": "not counted, because their registration had run out before the change: {numbers}",
    "apart silent": "not counted, because they had not answered before the change either: {numbers}",
    "unseen password": "not seen, because a new password shows when they re-register: {numbers}",
    "unseen username": "not seen, because a new user name shows when they re-register: {numbers}",
    "unseen port": "not seen, because another port shows when they re-register: {numbers}",
    # The end
    "line counts": "{outcome}: {count}",
    "line batch": "batch {number} of {all}: {counts}",
    "line stop": "batch {number}: {failed} of {hosts} hosts failed, more than {percentage} % of it ({names})",
    "line all failed": "batch {number}: all of it failed ({names})",
    "line report": "Report: {page}",
    "line resume": "go on with -e pbx_rollout_resume=true once this is fixed",
    "put back": "it is what it was before: {phones}",
    "not put back": "it could NOT be put back: {why}",
}

TURKISH: dict[str, str] = {
    "title": "Dağıtım",
    "host": "santral",
    "batch of": "{all} gruptan {number}.",
    "outcome": "Sonuç",
    "phones": "Telefonlar",
    "phones before": "önce",
    "phones after": "sonra",
    "created": "eklenen",
    "updated": "değişen",
    "deleted": "silinen",
    "files": "dosya",
    "anew": "yeniden kaydolacak",
    "restart": "yeniden başlatma",
    "restart yes": "evet",
    "restart due": "gerekli, yapılmadı",
    "restart no": "",
    "took": "süre",
    "seconds": "{count} sn",
    "began": "başladı: {time}",
    "ended": "bitti: {time}",
    "why": "Neden",
    "no reason": "neden belirtilmedi",
    "waiting": "başlanmadı",
    "working": "yarıda kaldı",
    "done": "değiştirildi",
    "same": "yapılacak bir şey yok",
    "back": "geri alındı",
    "stuck": "geri alınamadı",
    "failed": "başarısız, değiştirilmedi",
    "unreachable": "ulaşılamıyor",
    "running": "sürüyor ya da dışarıdan sonlandırıldı",
    "finished": "tamamlandı",
    "stopped": "durdu: {why}",
    "refused": "başlanmadı: {why}",
    "preflight": "ön denetim",
    "and more": "{names} ve {count} santral daha",
    "line trouble": "{hosts}: {why}",
    "line totals": (
        "{hosts} santral: {to_change} değişecek, {same} aynı kalacak, {trouble} değiştirilemez;"
        " {created} eklenecek, {updated} değişecek, {deleted} silinecek; kayıtlı {registered} telefondan"
        " {anew} yeniden kaydolacak; {restarts} yeniden başlatma"
    ),
    "line already": "daha önce tamamlandı, dokunulmayacak: {count}",
    "line batches": "gruplar: {sizes}",
    "line would stop": (
        "{number}. grupta dururdu: {hosts} santralden {failed} tanesi değiştirilemez ve"
        " pbx_rollout_max_fail_percentage {percentage}. Hiçbir şey değiştirilmedi. Onları düzeltin,"
        " --limit '!SANTRAL' ile dışarıda bırakın ya da payı artırın"
    ),
    "gate phones": (
        "önceden kayıtlı {expected} telefondan {registered} tanesi kayıtlı, % {least} altında; eksik:"
        " {numbers}"
    ),
    "gate stopped": "Asterisk önce çalışıyordu, şimdi çalışmıyor",
    "gate unread": "Asterisk şunlar için dizindekini göstermiyor: {numbers}",
    "gate trunk": "dış hat {trunk} kayıtlıydı, şimdi: {registration}",
    "gate trunk silent": "dış hat {trunk} önce yanıt veriyordu, şimdi vermiyor",
    "gate call": "{number} numarasına deneme araması başarısız: {why}",
    "gate command": "{command} başarısız ({status}): {said}",
    "apart ran_out": "sayılmadı, kayıtlarının süresi değişiklikten önce dolmuştu: {numbers}",
    "apart silent": "sayılmadı, değişiklikten önce de yanıt vermiyorlardı: {numbers}",
    "unseen password": "görülmedi, yeni şifre yeniden kaydolunca belli olur: {numbers}",
    "unseen username": "görülmedi, yeni kullanıcı adı yeniden kaydolunca belli olur: {numbers}",
    "unseen port": "görülmedi, başka port yeniden kaydolunca belli olur: {numbers}",
    "line counts": "{outcome}: {count}",
    "line batch": "{all} gruptan {number}.: {counts}",
    "line stop": (
        "{number}. grup: {hosts} santralden {failed} tanesi başarısız, payı % {percentage} üzerinde ({names})"
    ),
    "line all failed": "{number}. grup: tümü başarısız ({names})",
    "line report": "Rapor: {page}",
    "line resume": "düzelttikten sonra -e pbx_rollout_resume=true ile sürdürün",
    "put back": "önceki durumunda: {phones}",
    "not put back": "geri ALINAMADI: {why}",
}

LANGUAGES: dict[str, dict[str, str]] = {"en": ENGLISH, "tr": TURKISH}

#: How many names a line names.
_NAMED = 5


def said(words: t.Mapping[str, str], word: str, values: t.Mapping[str, t.Any] | None = None) -> str:
    """Return a sentence with its gaps filled; of a list the first few are named."""
    shown: dict[str, str | int] = {
        name: named(words, value) if isinstance(value, (list, tuple)) else _number(value)
        for name, value in (values or {}).items()
    }
    # A word of a newer release stands for itself.
    return fill(words.get(word, word), shown)


def _number(value: t.Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def named(words: t.Mapping[str, str], names: t.Sequence[t.Any], most: int = _NAMED) -> str:
    """Return the first of some names, and how many more there are."""
    shown = ", ".join(str(name) for name in names[:most])
    if len(names) <= most:
        return shown
    return fill(words["and more"], {"names": shown, "count": len(names) - most})


def who(words: t.Mapping[str, str], hosts: t.Sequence[str]) -> str:
    """Return a host's name; of several how many they are, and the first of them."""
    return hosts[0] if len(hosts) == 1 else f"{len(hosts):,}: {named(words, hosts, 3)}"
