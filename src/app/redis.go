package app

import (
	"os"

	"chord/gateway"
	"chord/trust"
)

// redisUsers reads who may authenticate at the Redis port; nil where nobody has
// to.
func (o Options) redisUsers() (*gateway.Users, error) {
	if o.RedisUsers == "" {
		return nil, nil
	}
	f, err := os.Open(trust.Path(o.RedisUsers))
	if err != nil {
		return nil, &Problem{"redis-users", "redis-users", err.Error(), "name a file that this user can read"}
	}
	defer f.Close()
	users, err := gateway.ReadUsers(f)
	if err != nil {
		return nil, &Problem{"redis-users", "redis-users", f.Name() + ": " + err.Error(), "each line is name:role:hash, such as anna:write:$2y$10$...; htpasswd -nB anna prints name and hash"}
	}
	return users, nil
}
