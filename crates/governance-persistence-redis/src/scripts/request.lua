-- What the scripts that write are sent, and what they ask of the history.
-- KEYS  3 commit-ids  4 record-ids  5 versions  6 by-transition  7 latest-evaluations  8 latest-policies
--       9 the chunk of commits, then the chunks of transitions, approvals, evaluations and policies: of each as
--       many as it gets records, but two at most
-- ARGV  1 commit id  2 fingerprint, both raw  3 what is expected: any, absent, match, at  4 the ETag or sequence
--       5 the state or ''  6 the log entry behind its sequence, instant and positions  7 its first and 8 its last
--       version or ''  9 is the experiment listed: 1 or ''  10 recorded-at, or '' for now  11 entries in a chunk
--       12 the number of the commits' chunk, then two for each other list: the number of its first chunk, and how
--       many records it gets  21 the ETag of the state or ''; from 22 on four a record: its list 1 to 4, or 5 for a
--       version; its raw id; the record behind its sequence and instant; transition id, policy or version number
local FIRST_RECORD, FIRST_CHUNK, CHUNK = 22, 10, tonumber(ARGV[11])
local sequence = tonumber(head[1] or '0')
local commit_id, fingerprint, expected = ARGV[1], ARGV[2], ARGV[4]
local seen = read('HGET', KEYS[3], commit_id)  -- 32 bytes of fingerprint, then sequence|recorded-at

-- Is one whole number, as text, smaller than another?
local function smaller(a, b)
  local negative = string.sub(a, 1, 1) == '-'
  if negative ~= (string.sub(b, 1, 1) == '-') then return negative end
  if a == b then return false end
  if #a ~= #b then return (#a < #b) ~= negative end
  return (a < b) ~= negative
end

local function now()
  local time = redis.call('TIME')
  return time[1] .. string.format('%06d', time[2])
end

local function breaks_versions()
  return ARGV[7] ~= '' and head[3] and tonumber(ARGV[7]) ~= tonumber(head[3]) + 1
end

-- The first record whose id is used already, and the sequence that used it.
local function reused_record()
  for at = FIRST_RECORD, #ARGV, 4 do
    local holder = read('HGET', KEYS[4], ARGV[at] .. ARGV[at + 1])
    if holder then return (at - FIRST_RECORD) / 4, holder end
  end
end
