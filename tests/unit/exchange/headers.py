# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright: (c) 2026, voiceops.asterisk contributors
"""For tests: the headers of other systems' files as these write them."""

WAZO = """uuid subscription_type firstname lastname email mobile_phone_number outgoing_caller_id language
call_permission_password enabled ring_seconds simultaneous_calls supervision_enabled
call_transfer_enabled dtmf_hangup_enabled call_record_outgoing_external_enabled
call_record_outgoing_internal_enabled call_record_incoming_external_enabled
call_record_incoming_internal_enabled online_call_record_enabled userfield voicemail_name
voicemail_number voicemail_context voicemail_password voicemail_email voicemail_attach_audio
voicemail_delete_messages voicemail_ask_password line_protocol provisioning_code context
sip_username sip_secret exten incall_exten incall_context call_permissions username""".split()

MIKOPBX = """number user_username user_email mobile_number sip_secret fwd_ringlength fwd_forwarding
mobile_dialstring sip_dtmfmode sip_transport sip_enableRecording fwd_forwardingonbusy
fwd_forwardingonunavailable user_avatar sip_manualattributes""".split()

ISSABEL = """Display Name,User Extension,Direct DID,Outbound CID,Call Waiting,Secret,Voicemail Status,
Voicemail Password,VM Email Address,VM Pager Email Address,VM Options,VM Email Attachment,
VM Play CID,VM Play Envelope,VM Delete Vmail,Context,Tech,Callgroup,Pickupgroup,Disallow,Allow,Deny,
Permit,Record Incoming External,Record Outgoing External,Record Incoming Internal,
Record Outgoing Internal,Record On Demand,Record Priority,DTLS Certificate File,DTLS Private Key,
DTLS Certificate Authority File,Media Encryption,Message Context,Subscribe Context,Allow Subscribe,
Nat,Max Contacts,Qualify Timeout,Authenticate Qualify,Accountcode,Transport,RTCP Mux,
Media Use Received Transport,Direct Media""".replace("\n", "").split(",")
ELASTIX = [name for name in ISSABEL if not name.startswith("Record ")] + [
    "Record Incoming",
    "Record Outgoing",
]

FUSIONPBX = """extension_uuid domain_uuid extension number_alias password accountcode effective_caller_id_name
effective_caller_id_number outbound_caller_id_name outbound_caller_id_number
emergency_caller_id_name emergency_caller_id_number directory_first_name directory_last_name
directory_visible directory_exten_visible limit_max limit_destination missed_call_app
missed_call_data user_context toll_allow call_timeout call_group call_screen_enabled
user_record hold_music auth_acl cidr sip_force_contact nibble_account sip_force_expires
mwi_account sip_bypass_media unique_id dial_string dial_user dial_domain do_not_disturb
forward_all_destination forward_all_enabled forward_busy_destination forward_busy_enabled
forward_no_answer_destination forward_no_answer_enabled forward_user_not_registered_destination
forward_user_not_registered_enabled follow_me_uuid enabled description absolute_codec_string""".split()

THREECX = """Number FirstName LastName EmailAddress MobileNumber AuthID AuthPassword WebMeetingFriendlyName
WebMeetingPrivateRoom ClickToCall ClickToCallFriendlyName WebMeetingAcceptReject
EnableVoicemail VMNoPin VMPlayCallerID PIN VMPlayMsgDateTime VMEmailOptions QueueStatus
OutboundCallerID SIPID DeliverAudio SupportReinvite SupportReplaces EnableSRTP ManagementAccess
ReporterAccess WallboardAccess TurnOffMyPhone HideFWrules CanSeeRecordings CanDeleteRecordings
RecordCalls CallScreening EmailMissedCalls Disabled DisableExternalCalls AllowLanOnly
BlockRemoteTunnel PinProtect MAC_0 InterfaceIP_0 UseTunnel DND UseCTI StartupScreen
HotelModuleAccess DontShowExtInPHBK DeskphoneWebPass SrvcAccessPwd VoipAdmin SysAdmin SecureSIP
PhoneModel14 PhoneTemplate14 CustomTemplate PhoneSettings AllowAllRecordings PushExtension
Integration AllowOwnRecordings RecordExternalCallsOnly DID SMS PhoneSysAdmin""".split()

GRANDSTREAM = """Extension,Technology,Enable Voicemail,CallerID Number,SIP/IAX Password,Voicemail Password,
Skip Voicemail Password Verification,Ring Timeout,Auto Record,SRTP,Fax Mode,Strategy,Local Subnet 1,
Local Subnet 2,Local Subnet 3,Local Subnet 4,Local Subnet 5,Local Subnet 6,Local Subnet 7,
Local Subnet 8,Local Subnet 9,Local Subnet 10,Specific IP Address,Skip Trunk Auth,Codec Preference,
Permission,NAT,Can Reinvite,DTMF Mode,Insecure,Enable Keep-alive,Keep-alive Frequency,AuthID,
TEL URI,Call Forward Busy,Call Forward No Answer,Call Forward Unconditional,
Support Hot-Desking Mode,Dial Trunk Password,Disable This Extension,CFU Time Condition,
CFN Time Condition,CFB Time Condition,Music On Hold,CC Agent Policy,CC Monitor Policy,
CCBS Available Timer,CCNR Available Timer,CC Offer Timer,CC Max Agents,CC Max Monitors,
Ring simultaneously,External Number,Time Condition for Ring Simultaneously,Enable LDAP,
User Password,First Name,Last Name,Email Address,Language""".replace("\n", "").split(",")
