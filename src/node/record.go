package node

import (
	"encoding/json"

	"chord/member"
)

// Records of members stand in the database as JSON: few, small, and readable
// with any tool when something is wrong.
func encodeMember(m member.Member) []byte {
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // a member has nothing that JSON cannot hold
	}
	return b
}

func decodeMember(b []byte) (m member.Member, err error) {
	err = json.Unmarshal(b, &m)
	return m, err
}
