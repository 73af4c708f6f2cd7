package trust

import "time"

// Description is what a certificate says, for people.
type Description struct {
	CA       bool      `json:"ca"`
	Name     string    `json:"name"`
	Identity string    `json:"identity,omitempty"` // chord:RING/ROLE/NAME
	From     time.Time `json:"from"`
	Expires  time.Time `json:"expires"`
	Issuer   string    `json:"issuer"`
	Hosts    []string  `json:"hosts,omitempty"`
	Key      string    `json:"key"`
	Serial   string    `json:"serial"`
}

// Describe says what the certificates of a PEM file are.
func Describe(pem []byte) ([]Description, error) {
	list, err := certificates("", string(pem))
	if err != nil {
		return nil, err
	}
	var all []Description
	for _, c := range list {
		d := Description{
			CA: c.IsCA, Name: c.Subject.CommonName, From: c.NotBefore, Expires: c.NotAfter, Issuer: c.Issuer.CommonName,
			Hosts: c.DNSNames, Key: c.PublicKeyAlgorithm.String(), Serial: c.SerialNumber.Text(16),
		}
		for _, ip := range c.IPAddresses {
			d.Hosts = append(d.Hosts, ip.String())
		}
		if i, err := IdentityOf(c); err == nil {
			d.Identity = i.String()
		}
		all = append(all, d)
	}
	return all, nil
}
