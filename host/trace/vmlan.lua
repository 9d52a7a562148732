-- What a guest and its QDIO adapter say on their control channels, for Wireshark and tshark:
--
--   wireshark -X lua_script:vmlan.lua capture.pcapng
--   tshark -X lua_script:vmlan.lua -r capture.pcapng -Y vmlan
--
-- Packets of link type USER0 (147): IDX ACTIVATE and TERMINATE, MPC messages (TH, RRH, PH) with CM, ULP and DM exchanges, and
-- IPA commands in them. Layouts and numbers: qdio/adapter/idx.h, mpc.h, ipa_commands.h, ipa_codes.h and ipa_blocks.h.
-- A message may be cut short anywhere and lie about its lengths: everything is read through `at`, which knows the end.

local vmlan = Proto("vmlan", "QDIO control channel")

-- Names. tests/trace.py compares them with the headers.
local CHANNELS = {
  [0x19] = "ACTIVATE READ", [0x15] = "ACTIVATE WRITE",
  [0x1a] = "ACTIVATE READ, accepted", [0x16] = "ACTIVATE WRITE, accepted",
  [0x1b] = "ACTIVATE READ, refused", [0x17] = "ACTIVATE WRITE, refused",
}
local CAUSES = { [0x01] = "none", [0x08] = "no such device", [0x22] = "no such port", [0x41] = "transport not supported" }
local TYPES = { [0x81] = "CM", [0x41] = "ULP", [0xc1] = "IPA" }
local PROTOCOLS = { [0x02] = "upper layer reply", [0x03] = "layer 3", [0x08] = "layer 2", [0x7e] = "control" }
local MPC_COMMANDS = {
  [0x4102] = "ENABLE", [0x4103] = "DISABLE", [0x4104] = "SETUP", [0x4105] = "TAKEDOWN", [0x4106] = "SETUP confirmed",
  [0x4360] = "DM_ACT",
}
local MPC_PARAMETERS = {
  [0x01] = "filter", [0x02] = "user data", [0x04] = "guest's connection", [0x05] = "device's filter", [0x06] = "options asked for",
  [0x07] = "options", [0x08] = "device's connection", [0x0a] = "link", [0x0b] = "unit",
}
local IPA_COMMANDS = {
  [0x01] = "STARTLAN", [0x02] = "STOPLAN", [0x21] = "SETVMAC", [0x22] = "DELVMAC", [0x23] = "SETGMAC", [0x24] = "DELGMAC",
  [0x25] = "SETVLAN", [0x26] = "DELVLAN", [0xb1] = "SETIP", [0xb2] = "QIPASSIST", [0xb3] = "SETASSPARMS", [0xb4] = "SETIPM",
  [0xb5] = "DELIPM", [0xb6] = "SETRTG", [0xb7] = "DELIP", [0xb8] = "SETADAPTERPARMS", [0xb9] = "SET_DIAG_ASS",
  [0xc3] = "CREATE_ADDR", [0xc4] = "DESTROY_ADDR",
}
local IPA_CODES = {
  [0x0000] = "success", [0x0001] = "not supported", [0x0002] = "IPv6 table full", [0x0003] = "unknown command",
  [0x0006] = "bad format", [0x0011] = "not registered", [0x2003] = "layer 2 not supported", [0x2005] = "duplicate MAC address",
  [0x2006] = "MAC table full", [0x200b] = "group MAC address not found", [0x200c] = "MAC address not authorized",
  [0x2010] = "MAC address not found", [0x2015] = "invalid VLAN", [0x2016] = "duplicate VLAN", [0x2017] = "VLAN not found",
  [0xe005] = "duplicate IP address", [0xe006] = "IP table full", [0xe008] = "STARTLAN missing",
  [0xe00a] = "address already used", [0xe00b] = "multicast address not found", [0xe00e] = "subcommand not supported",
  [0xe010] = "primary router exists, or address not defined", [0xe011] = "secondary router exists",
  [0xe012] = "invalid routing indicator", [0xe080] = "LAN offline", [0xf001] = "invalid IP version", [0xffff] = "unknown error",
}
local ASSISTS = {
  [0x00000001] = "ARP", [0x00000002] = "inbound checksum", [0x00000004] = "outbound checksum", [0x00000010] = "filtering",
  [0x00000020] = "IPv6", [0x00000040] = "multicast", [0x00000400] = "adapter parameters", [0x00000800] = "VLAN priority",
  [0x00001000] = "passthru", [0x00004000] = "full VLAN", [0x00010000] = "source MAC", [0x00020000] = "multicast router",
  [0x00100000] = "outbound TSO", [0x00400000] = "inbound checksum, IPv6", [0x00800000] = "outbound checksum, IPv6",
}
local ASSIST_COMMANDS = {
  [1] = "START", [2] = "STOP", [3] = "CONFIGURE", [4] = "ENABLE", [5] = "ADD", [6] = "REMOVE", [7] = "FLUSH", [8] = "ADD VLAN",
  [0x0104] = "QUERY",
}
local SUBCOMMANDS = {
  [0x00000001] = "QUERY COMMANDS", [0x00000002] = "ALTER MAC", [0x00000400] = "QUERY CARD INFO",
  [0x00000800] = "SET PROMISC MODE", [0x00010000] = "SET ACCESS CONTROL", [0x00080000] = "QUERY OAT",
}
local ROUTERS = {
  [0] = "none", [1] = "primary", [2] = "secondary", [3] = "multicast", [4] = "primary connector", [5] = "secondary connector",
}

local f = vmlan.fields
local function define(name, kind, text, base, names)
  f[name] = ProtoField[kind]("vmlan." .. name:gsub("_", ".", 1), text, base, names)
end
define("idx_channel", "uint8", "IDX", base.HEX, CHANNELS)
define("idx_cause", "uint8", "Cause", base.HEX, CAUSES)
define("idx_token", "bytes", "Token of its sender")
define("idx_level", "uint16", "Function level", base.HEX)
define("idx_microcode", "string", "Microcode level")
define("idx_name", "string", "Name")
define("idx_device", "uint16", "Data device", base.HEX)
define("idx_unit", "uint16", "Control unit and unit address", base.HEX)
define("mpc_type", "uint8", "Kind", base.HEX, TYPES)
define("mpc_protocol", "uint8", "Protocol", base.HEX, PROTOCOLS)
define("mpc_sequence", "uint32", "Sequence number", base.DEC)
define("mpc_acknowledged", "uint32", "Acknowledged", base.DEC)
define("mpc_token", "bytes", "Token of the receiver")
define("mpc_command", "uint16", "Command", base.HEX, MPC_COMMANDS)
define("mpc_parameter", "uint8", "Parameter", base.HEX, MPC_PARAMETERS)
define("mpc_filter", "uint8", "Transport", base.HEX, PROTOCOLS)
define("mpc_connection", "bytes", "Token")
define("mpc_size", "uint16", "MTU, or frame size", base.DEC)
define("mpc_port", "string", "Port name")
define("mpc_device", "uint16", "Data device", base.HEX)
define("mpc_data", "bytes", "Data")
define("ipa_command", "uint8", "Command", base.HEX, IPA_COMMANDS)
define("ipa_initiator", "uint8", "Initiator", base.HEX, { [0] = "host, or a reply to it", [1] = "adapter" })
define("ipa_sequence", "uint16", "Sequence number", base.DEC)
define("ipa_code", "uint16", "Return code", base.HEX, IPA_CODES)
define("ipa_layer", "uint8", "Layer", base.DEC, { [1] = "layer 3", [2] = "layer 2" })
define("ipa_protocol", "uint16", "IP version", base.DEC)
define("ipa_supported", "uint32", "Supported", base.HEX)
define("ipa_enabled", "uint32", "Enabled", base.HEX)
define("ipa_mac", "ether", "MAC address")
define("ipa_ip", "ipv4", "IP address")
define("ipa_mask", "ipv4", "Mask")
define("ipa_ip6", "ipv6", "IP address")
define("ipa_mask6", "ipv6", "Mask")
define("ipa_flags", "uint32", "Flags", base.HEX)
define("ipa_vlan", "uint16", "VLAN", base.DEC)
define("ipa_router", "uint8", "Router", base.DEC, ROUTERS)
define("ipa_unique", "uint16", "Unique id", base.HEX)
define("ipa_assist", "uint32", "Assist", base.HEX, ASSISTS)
define("ipa_assistcommand", "uint16", "Of the assist", base.HEX, ASSIST_COMMANDS)
define("ipa_subcommand", "uint32", "Subcommand", base.HEX, SUBCOMMANDS)
define("ipa_subcode", "uint16", "Its return code", base.HEX)
define("ipa_mode", "uint32", "Mode", base.HEX)
define("ipa_data", "bytes", "Data")

local cut_short = ProtoExpert.new("vmlan.cut", "Cut short, or its lengths lead outside", expert.group.MALFORMED, expert.severity.WARN)
vmlan.experts = { cut_short }

local direction = Field.new("frame.packet_flags_direction")

-- The range, or nil; the tree is told what is missing.
local function at(tvb, offset, length, tree)
  if offset >= 0 and length > 0 and offset + length <= tvb:len() then return tvb:range(offset, length) end
  if tree then tree:add_proto_expert_info(cut_short) end
  return nil
end

-- Adds the field if it is there; its range, or nil.
local function put(tree, field, tvb, offset, length)
  local range = at(tvb, offset, length, tree)
  if range then tree:add(field, range) end
  return range
end

local function put_name(tree, field, tvb, offset, length)
  local range = at(tvb, offset, length, tree)
  if not range then return "" end
  local text = range:string(ENC_EBCDIC):gsub("%z", ""):gsub("[^%g ]", "."):gsub("%s+$", "")
  tree:add(field, range, text)
  return text
end

local function name_of(names, number)
  return names[number] or string.format("%X", number)
end

-- IDX

local function dissect_idx(tvb, tree)
  local channel = put(tree, f.idx_channel, tvb, 0x08, 1)
  if not channel then return "IDX" end
  put(tree, f.idx_cause, tvb, 0x09, 1)
  put(tree, f.idx_token, tvb, 0x0c, 4)
  put(tree, f.idx_level, tvb, 0x10, 2)
  put_name(tree, f.idx_microcode, tvb, 0x12, 4)
  local name = put_name(tree, f.idx_name, tvb, 0x16, 8)
  local paths = at(tvb, 0x0a, 1)
  local devices = ""
  for index = 0, math.max(paths and paths:uint() or 1, 1) - 1 do
    local device = put(tree, f.idx_device, tvb, 0x1e + 4 * index, 2)
    if not device or not put(tree, f.idx_unit, tvb, 0x20 + 4 * index, 2) then break end
    devices = devices .. string.format(" %04X", device:uint())
  end
  return string.format("IDX %s, %s, data device%s", name_of(CHANNELS, channel:uint()), name, devices)
end

local function dissect_terminate(tvb, tree)
  local cause = put(tree, f.idx_cause, tvb, 4, 1)
  return "IDX TERMINATE" .. (cause and ", " .. name_of(CAUSES, cause:uint()) or "")
end

-- MPC

local PARAMETERS = {
  [0x01] = function(tvb, tree, offset) put(tree, f.mpc_filter, tvb, offset, 1) end,
  [0x04] = function(tvb, tree, offset) put(tree, f.mpc_connection, tvb, offset + 1, 4) end,
  [0x05] = function(tvb, tree, offset) put(tree, f.mpc_connection, tvb, offset + 1, 4) end,
  [0x08] = function(tvb, tree, offset) put(tree, f.mpc_connection, tvb, offset + 1, 4) end,
  [0x0a] = function(tvb, tree, offset)
    put(tree, f.mpc_size, tvb, offset + 4, 2)
    local length = at(tvb, offset + 7, 1)
    if length and length:uint() > 0 then put_name(tree, f.mpc_port, tvb, offset + 8, math.min(length:uint(), 8)) end
  end,
  [0x0b] = function(tvb, tree, offset) put(tree, f.mpc_device, tvb, offset, 2) end,
}

local function dissect_mpc(tvb, tree, layer)
  local command = put(tree, f.mpc_command, tvb, 2, 2)
  if not command then return layer end
  local head = at(tvb, 0, 2):uint()
  local offset = math.max(head, 12)
  while offset < tvb:len() do
    local length = at(tvb, offset, 2, tree)
    if not length or length:uint() < 4 or not at(tvb, offset, length:uint(), tree) then break end
    local id = at(tvb, offset + 3, 1)
    local inner = tree:add(f.mpc_parameter, id)
    local data = length:uint() - 4
    if data > 0 then
      inner:add(f.mpc_data, at(tvb, offset + 4, data))
      -- What it reads ends where the parameter does.
      local known = PARAMETERS[id:uint()]
      if known then known(tvb:range(offset + 4, data):tvb(), inner, 0) end
    end
    offset = offset + length:uint()
  end
  if command:uint() == 0x4360 then return "DM_ACT" end
  return layer .. "_" .. name_of(MPC_COMMANDS, command:uint())
end

-- IPA: what stands behind the header, by command. Each returns what the summary says of it.

local function mac_data(tvb, tree)
  local mac = put(tree, f.ipa_mac, tvb, 0x18, 6)
  return mac and tostring(mac:ether())
end

local function ip_data(tvb, tree, version)
  if version == 6 then
    local address = put(tree, f.ipa_ip6, tvb, 0x14, 16)
    put(tree, f.ipa_mask6, tvb, 0x24, 16)
    put(tree, f.ipa_flags, tvb, 0x34, 4)
    return address and tostring(address:ipv6())
  end
  local address = put(tree, f.ipa_ip, tvb, 0x14, 4)
  put(tree, f.ipa_mask, tvb, 0x18, 4)
  put(tree, f.ipa_flags, tvb, 0x1c, 4)
  return address and tostring(address:ipv4())
end

local function group_data(tvb, tree, version)
  put(tree, f.ipa_mac, tvb, 0x14, 6)
  if version == 6 then
    local group = put(tree, f.ipa_ip6, tvb, 0x1c, 16)
    return group and tostring(group:ipv6())
  end
  local group = put(tree, f.ipa_ip, tvb, 0x28, 4)
  return group and tostring(group:ipv4())
end

local function vlan_data(tvb, tree)
  local vlan = put(tree, f.ipa_vlan, tvb, 0x14, 2)
  return vlan and tostring(vlan:uint())
end

local function router_data(tvb, tree)
  local router = put(tree, f.ipa_router, tvb, 0x14, 1)
  return router and name_of(ROUTERS, router:uint())
end

local function address_data(tvb, tree)
  put(tree, f.ipa_mac, tvb, 0x14, 6)
  put(tree, f.ipa_unique, tvb, 0x1a, 2)
end

local function rest_data(tvb, tree, offset)
  if tvb:len() > offset then tree:add(f.ipa_data, tvb:range(offset)) end
end

local function assist_data(tvb, tree)
  local assist = put(tree, f.ipa_assist, tvb, 0x14, 4)
  local command = put(tree, f.ipa_assistcommand, tvb, 0x1a, 2)
  put(tree, f.ipa_subcode, tvb, 0x1c, 2)
  rest_data(tvb, tree, 0x20)
  return assist and command and name_of(ASSISTS, assist:uint()) .. " " .. name_of(ASSIST_COMMANDS, command:uint())
end

local function adapter_data(tvb, tree)
  local range = put(tree, f.ipa_subcommand, tvb, 0x20, 4)
  put(tree, f.ipa_subcode, tvb, 0x24, 2)
  local subcommand = range and range:uint()
  if subcommand == 0x00000002 then
    put(tree, f.ipa_mac, tvb, 0x38, 6)
  elseif subcommand == 0x00000800 or subcommand == 0x00010000 then
    put(tree, f.ipa_mode, tvb, 0x2c, 4)
  else
    rest_data(tvb, tree, 0x2c)
  end
  return subcommand and name_of(SUBCOMMANDS, subcommand)
end

local DATA = {
  [0x21] = mac_data, [0x22] = mac_data, [0x23] = mac_data, [0x24] = mac_data, [0x25] = vlan_data, [0x26] = vlan_data,
  [0xb1] = ip_data, [0xb7] = ip_data, [0xb4] = group_data, [0xb5] = group_data, [0xb6] = router_data,
  [0xb3] = assist_data, [0xb8] = adapter_data, [0xc3] = address_data, [0xc4] = address_data,
}

local function dissect_ipa(tvb, tree, to_guest)
  local command = put(tree, f.ipa_command, tvb, 0, 1)
  if not command then return "IPA" end
  local initiator = put(tree, f.ipa_initiator, tvb, 1, 1)
  put(tree, f.ipa_sequence, tvb, 2, 2)
  local code = put(tree, f.ipa_code, tvb, 4, 2)
  put(tree, f.ipa_layer, tvb, 8, 1)
  local version = put(tree, f.ipa_protocol, tvb, 0x0a, 2)
  put(tree, f.ipa_supported, tvb, 0x0c, 4)
  -- z/VM's TCP/IP leaves the last field out where no data follow.
  if tvb:len() ~= 16 then put(tree, f.ipa_enabled, tvb, 0x10, 4) end
  local text = name_of(IPA_COMMANDS, command:uint())
  if initiator and initiator:uint() == 1 then text = text .. " (the adapter's own)" end
  local data = DATA[command:uint()]
  if data then
    local said = data(tvb, tree, version and version:uint())
    if said then text = text .. " " .. said end
  elseif tvb:len() > 0x14 then
    rest_data(tvb, tree, 0x14)
  end
  if code and (to_guest or code:uint() ~= 0) then text = text .. ": " .. name_of(IPA_CODES, code:uint()) end
  return text
end

local function dissect_message(tvb, tree, to_guest)
  local length = at(tvb, 0x0c, 4, tree)
  if length and length:uint() > tvb:len() then tree:add_proto_expert_info(cut_short) end
  local response = at(tvb, 0x08, 4, tree)
  if not response then return "MPC" end
  local head = response:uint()
  local kind = put(tree, f.mpc_type, tvb, head + 4, 1)
  if not kind then return "MPC" end
  put(tree, f.mpc_protocol, tvb, head + 5, 1)
  put(tree, f.mpc_sequence, tvb, head + 8, 4)
  put(tree, f.mpc_acknowledged, tvb, head + 0x0c, 4)
  put(tree, f.mpc_token, tvb, head + 0x18, 4)
  local name = name_of(TYPES, kind:uint())
  local header = at(tvb, head + 0x10, 2, tree)
  if not header then return name end
  local place = head + header:uint()
  local high = at(tvb, place + 1, 1, tree)
  local low = at(tvb, place + 2, 2, tree)
  local offset = at(tvb, place + 4, 4, tree)
  if not (high and low and offset) then return name end
  local size = math.min(high:uint() * 65536 + low:uint(), tvb:len() - offset:uint())
  if size < high:uint() * 65536 + low:uint() then tree:add_proto_expert_info(cut_short) end
  local body = at(tvb, offset:uint(), size, tree)
  if not body then return name end
  local inner = tree:add(vmlan, body, name)
  if kind:uint() == 0xc1 then return dissect_ipa(body:tvb(), inner, to_guest) end
  return dissect_mpc(body:tvb(), inner, name)
end

function vmlan.dissector(tvb, pinfo, root)
  local way = direction()
  local to_guest = way ~= nil and way.value == 1
  pinfo.cols.protocol = "QDIO"
  if way ~= nil then
    pinfo.cols.src = to_guest and "adapter" or "guest"
    pinfo.cols.dst = to_guest and "guest" or "adapter"
  end
  local tree = root:add(vmlan, tvb())
  local kind = at(tvb, 0, 4, tree)
  local text = "unknown"
  if kind and kind:uint() == 0x00008000 then
    text = dissect_idx(tvb, tree)
  elseif kind and kind:uint() == 0x0000c000 then
    text = dissect_terminate(tvb, tree)
  elseif kind and kind:uint() == 0x00e00000 then
    text = dissect_message(tvb, tree, to_guest)
  end
  pinfo.cols.info = text
  tree:append_text(", " .. text)
  return tvb:len()
end

DissectorTable.get("wtap_encap"):add(wtap.USER0, vmlan)
