-- What the scripts that write are sent, and what they ask of the history.
-- KEYS  3 commit-ids  4 record-ids  5 the chunk of commits; then of transitions, approvals, evaluations and policies,
--       those that get records: the chunk, and the next when more than one comes; behind those of approvals by-transition,
--       of evaluations latest-evaluations, of policies latest-policies; last the versions, if there are any
-- ARGV  1 commit id  2 fingerprint, both raw  3 what is expected: any, absent, match and an ETag, at and a sequence; of an
--       entry its sequence  4 the state or ''  5 the log entry behind its sequence, instant and positions  6 twelve
--       numbers: the entries in a chunk; the number of the commits' chunk; two for each other list, the number of its
--       first chunk, and how many records it gets; the first and the last version or 0  7 is the experiment listed: 1
--       or ''  8 recorded-at, or '' for now  9 the ETag of the state or ''; from 10 on four a record: its list 1 to 4,
--       or 5 for a version; its raw id; the record behind its sequence and instant; transition id, policy or version
--       number
local FIRST_RECORD, FIRST_CHUNK = 10, 5
local numbers = {string.match(ARGV[6],
  '^(%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+) (%d+)$')}
local CHUNK, versioned = tonumber(numbers[1]), numbers[11] ~= '0'
local sequence = tonumber(head[1] or '0')
local commit_id, fingerprint, expected = ARGV[1], ARGV[2], ARGV[3]
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
  return versioned and head[3] and tonumber(numbers[11]) ~= tonumber(head[3]) + 1
end

-- The first record whose id is used already, and the sequence that used it.
local function reused_record()
  for at = FIRST_RECORD, #ARGV, 4 do
    local holder = read('HGET', KEYS[4], ARGV[at] .. ARGV[at + 1])
    if holder then return (at - FIRST_RECORD) / 4, holder end
  end
end
