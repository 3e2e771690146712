package host

import "context"

// deliveryKey is the key of a delivery's id in a context.
type deliveryKey struct{}

// WithDelivery says which delivery the invocations made with a context belong
// to: their results tell it.
func WithDelivery(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, deliveryKey{}, id)
}

func deliveryOf(ctx context.Context) string {
	id, _ := ctx.Value(deliveryKey{}).(string)
	return id
}
