package keyspace

// Buckets is the number of buckets, fixed for ever: it is part of the format of
// every database.
const Buckets = 1 << 16

// Bucket is the unit in which keys are held, moved and compared: all
// identifiers with the same top 16 bits. It lives where its first identifier
// lives, so that no bucket is ever split between nodes.
type Bucket uint16

// BucketOf returns the bucket of an identifier.
func BucketOf(id ID) Bucket { return Bucket(id[0])<<8 | Bucket(id[1]) }

// First returns the first identifier of the bucket, which decides who holds it.
func (b Bucket) First() ID { return ID{byte(b >> 8), byte(b)} }

// Last returns the last identifier of the bucket.
func (b Bucket) Last() ID {
	id := b.First()
	for i := 2; i < Size; i++ {
		id[i] = 0xff
	}
	return id
}
