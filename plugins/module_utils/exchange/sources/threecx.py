# Copyright: (c) 2026, voiceops.asterisk contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""3CX: extensions, as versions 15 to 18 export them."""

from __future__ import annotations

from .. import cells
from ..row import RowReader
from ..source import NoWord, Several, Source


def _internal_only(row: RowReader, column: str) -> None:
    if cells.truth(row.text(column)):
        row.give("outbound_profile", "", column)


SOURCE = Source(
    name="3cx",
    number="number",
    needed=frozenset(("number", "authid", "authpassword")),
    columns={
        "emailaddress": cells.email,
        "mobilenumber": cells.label("mobile"),
        "authid": cells.user_name,
        "authpassword": cells.password,
        "outboundcallerid": cells.caller,
        "recordcalls": cells.flag("record"),
        "disabled": cells.flag("enabled", inverted=True),
        "disableexternalcalls": _internal_only,
        "mac_0": cells.label("mac"),
        "did": cells.told("belongs to inbound_numbers of a trunk"),
    },
    several=(Several(("firstname", "lastname"), cells.full_name("firstname", "lastname")),),
    no_word=(
        NoWord("there is no voicemail", ("enablevoicemail",)),
        NoWord("there is no voicemail", ("pin",), by_value=False),
        NoWord("a conversation is recorded whoever is called", ("recordexternalcallsonly",)),
        NoWord("the port decides whether media is encrypted", ("enablesrtp", "securesip")),
        NoWord("any network may register here, see the firewall", ("allowlanonly",)),
        NoWord("phones handle this themselves", ("dnd", "callscreening")),
        NoWord(
            "what a phone asks people for, and its own page",
            ("deskphonewebpass", "srvcaccesspwd"),
            by_value=False,
        ),
    ),
    settings=frozenset(
        """webmeetingfriendlyname webmeetingprivateroom clicktocall clicktocallfriendlyname
        webmeetingacceptreject vmnopin vmplaycallerid vmplaymsgdatetime vmemailoptions queuestatus sipid
        deliveraudio supportreinvite supportreplaces managementaccess reporteraccess wallboardaccess
        turnoffmyphone hidefwrules canseerecordings candeleterecordings emailmissedcalls blockremotetunnel
        pinprotect interfaceip_0 usetunnel usecti startupscreen hotelmoduleaccess dontshowextinphbk voipadmin
        sysadmin phonemodel14 phonetemplate14 customtemplate phonesettings allowallrecordings pushextension
        integration allowownrecordings sms phonesysadmin""".split()
    ),
    secrets=frozenset(
        ("authpassword", "pin", "deskphonewebpass", "srvcaccesspwd", "phonesettings", "customtemplate")
    ),
)
